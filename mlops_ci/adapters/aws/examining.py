"""What `doctor` finds of a store on S3 and of an account: each thing is tried, and nothing is left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.problems import code_of, guarded
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.formats import FORMAT_NAME
from mlops_ci.errors import ProviderError
from mlops_ci.model.project import AWS
from mlops_ci.ports.findings import Finding

_SERVICE = "sagemaker.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Examination:
    """The account of a target, and the bucket that its store is in."""

    account: Account
    bucket: Bucket

    def findings(self) -> Iterator[Finding]:
        """Yield what is found, in a fixed order; what needs what failed is not tried."""
        if find_spec("boto3") is None:
            yield Finding("boto3", "failed", "not installed", "pip install 'mlops-ci[aws]'")
            return
        is_aws = self.account.target.kind == AWS
        who = _tried("credentials", self._caller if is_aws else self._credentials)
        yield who
        region = _tried("region", self._region)
        yield region
        if "failed" in {who.verdict, region.verdict}:
            return
        bucket = _tried("bucket", self._reached)
        yield bucket
        if bucket.verdict != "failed":
            yield _tried("conditional", self._refuses)
        if is_aws:
            yield _tried("role", self._role)
            yield _tried("sagemaker", self._sagemaker)

    def _credentials(self) -> Finding:
        """Look for credentials without asking anybody: a service that is like S3 need not have another."""
        import boto3

        with guarded("sts:GetCallerIdentity", "the account"):
            found = boto3.session.Session().get_credentials()
        if found is None:
            hint = "log in (`aws sso login`), or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            return Finding("credentials", "failed", "none were found", hint)
        return Finding("credentials", "ok", f"found in {found.method}")

    def _caller(self) -> Finding:
        with self.account.asked("sts:GetCallerIdentity", "the account"):
            found = self.account.clients.of("sts").get_caller_identity()
        return Finding("credentials", "ok", str(found["Arn"]))

    def _region(self) -> Finding:
        import boto3

        with guarded("s3:ListBucket", "the account"):
            found = self.account.target.region or boto3.session.Session().region_name
        if found:
            return Finding("region", "ok", str(found))
        return Finding("region", "failed", "none was found", "write `region` for the target, or export AWS_REGION")

    def _reached(self) -> Finding:
        next(self.bucket.pages("", most=1), None)
        return Finding("bucket", "ok", f"`{self.bucket.address}` can be listed")

    def _refuses(self) -> Finding:
        """Put `format.json` where it is already, with the bytes that it has: a service that is fit refuses that."""
        content = self.bucket.get(FORMAT_NAME)
        if content is None:
            return Finding("conditional", "note", "conditional writes are tried once something is on record")
        if self.bucket.put_new(FORMAT_NAME, content):
            hint = "keep the store in a service that has them: of two clones that write one record, one must win"
            return Finding("conditional", "failed", "the service ignores `If-None-Match`", hint)
        return Finding("conditional", "ok", "of two writes of one name the second is refused")

    def _role(self) -> Finding:
        from botocore.exceptions import ClientError

        arn = self.account.target.role
        name = arn.rpartition("/")[2]
        with self.account.asked("iam:GetRole", arn):
            try:
                found = self.account.clients.of("iam").get_role(RoleName=name)["Role"]
            except ClientError as error:
                if code_of(error) in {"AccessDenied", "AccessDeniedException"}:
                    return Finding("role", "note", f"`{arn}`; whether it is there may not be asked (`iam:GetRole`)")
                if code_of(error) == "NoSuchEntity":
                    return Finding("role", "failed", f"there is no `{arn}`", "docs/aws.md says how to make one")
                raise
        if _SERVICE not in json.dumps(found.get("AssumeRolePolicyDocument", {})):
            hint = f"aws iam update-assume-role-policy --role-name {name}, with `{_SERVICE}` as principal: docs/aws.md"
            return Finding("role", "failed", f"SageMaker may not take `{arn}` on", hint)
        return Finding("role", "ok", f"`{arn}`, which SageMaker may take on")

    def _sagemaker(self) -> Finding:
        with self.account.asked("sagemaker:ListTrainingJobs", "*"):
            self.account.clients.of("sagemaker").list_training_jobs(MaxResults=1)
        return Finding("sagemaker", "ok", f"answers in {self.account.region}")


def _tried(check: str, look: Callable[[], Finding]) -> Finding:
    """Return what a look finds; what went wrong is a finding, too, with the next step."""
    try:
        return look()
    except ProviderError as error:
        return Finding(check, "failed", error.summary, error.hint)
