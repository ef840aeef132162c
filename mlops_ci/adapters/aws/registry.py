"""SageMaker's model registry, as a `Registry`. A version is found by its description: one listing tells."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.refusals import is_missing, is_there
from mlops_ci.adapters.aws.requests import registry as requests
from mlops_ci.adapters.aws.requests.terms import Terms, terms_of
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.errors import ProviderError
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.registry import Decision, Entry, Registered

_DECISIONS = {"Approved": Decision.APPROVED, "Rejected": Decision.REJECTED}


@dataclass(frozen=True, slots=True)
class SageMakerRegistry:
    """Keeps a group a model. `placed` gives the address of a package's archive, `bucket` takes its metrics."""

    account: Account
    bucket: Bucket
    placed: Callable[[Package], str]

    def standing(self, model: str, version: int, package: str) -> Registered | None:
        """Return what stands of a version; who decided is asked for only where somebody did.

        Raises:
            ProviderError: AWS refuses, or does not answer.

        """
        group, wanted = self._group(model), requests.described(model, version, package)
        for found in self._listed(group):
            if found.get("ModelPackageDescription") == wanted:
                return self._registered(found["ModelPackageArn"], found.get("ModelApprovalStatus", ""))
        return None

    def register(self, entry: Entry) -> Registered:
        """Register a version as pending, in its model's group, which is made where it is not there.

        Raises:
            ProviderError: AWS refuses, or does not answer.

        """
        group, terms = self._group(entry.model), self._terms()
        request = requests.package_request(
            group,
            entry,
            archive=self.placed(entry.package) if entry.package.image.reference else "",
            statistics=self._statistics(entry) if entry.scores else "",
            terms=terms,
        )
        try:
            return self._created(group, request)
        except ProviderError as error:
            if not is_missing(error):
                raise
        try:
            with self.account.asked("sagemaker:CreateModelPackageGroup", group):
                self._client().create_model_package_group(**requests.group_request(group, entry.model, terms))
        except ProviderError as error:
            if not is_there(error):  # another job of CI was faster
                raise
        return self._created(group, request)

    def approve(self, registered: Registered, why: str) -> None:
        """Say that a gate let the version through.

        Raises:
            ProviderError: AWS refuses, or does not answer.

        """
        with self.account.asked("sagemaker:UpdateModelPackage", registered.reference):
            self._client().update_model_package(**requests.approval_request(registered.reference, why))

    def _created(self, group: str, request: dict[str, Any]) -> Registered:
        with self.account.asked("sagemaker:CreateModelPackage", group):
            made = self._client().create_model_package(**request)
        return Registered(made["ModelPackageArn"], Decision.PENDING)

    def _listed(self, group: str) -> Iterator[dict[str, Any]]:
        """Yield the versions of a group, newest first; none where there is no such group."""
        asked = {"ModelPackageGroupName": group, "SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": 100}
        while True:
            try:
                with self.account.asked("sagemaker:ListModelPackages", group):
                    page = self._client().list_model_packages(**asked)
            except ProviderError as error:
                if is_missing(error):
                    return
                raise
            yield from page.get("ModelPackageSummaryList", ())
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]

    def _registered(self, reference: str, status: str) -> Registered:
        decision = _DECISIONS.get(status, Decision.PENDING)
        if decision is Decision.PENDING:
            return Registered(reference, decision)
        with self.account.asked("sagemaker:DescribeModelPackage", reference):
            found = self._client().describe_model_package(ModelPackageName=reference)
        # It may have been decided anew since the listing.
        decision = _DECISIONS.get(found.get("ModelApprovalStatus", ""), Decision.PENDING)
        why = str(found.get("ApprovalDescription", ""))
        is_ours = decision is Decision.APPROVED and why.startswith(requests.OURS)
        return Registered(reference, decision, _who(found), why, _when(found), is_ours)

    def _statistics(self, entry: Entry) -> str:
        content = requests.statistics(entry)
        digest = hashlib.sha256(content).hexdigest()
        key = f"registry/{entry.model}/v{entry.version}-{digest[:16]}.json"
        self.bucket.put(key, io.BytesIO(content), len(content), digest)
        return f"{self.bucket.address}/{key}"

    def _group(self, model: str) -> str:
        return requests.group_name(self.account.address, model)

    def _terms(self) -> Terms:
        return terms_of(self.account.target, self.account.region, self.account.tags)

    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return self.account.clients.of("sagemaker")


def _who(found: dict[str, Any]) -> str:
    by = found.get("LastModifiedBy") or {}
    arn = str((by.get("IamIdentity") or {}).get("Arn", ""))
    return str(by.get("UserProfileName") or arn or "somebody")


def _when(found: dict[str, Any]) -> str:
    at: datetime = found.get("LastModifiedTime") or found["CreationTime"]
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
