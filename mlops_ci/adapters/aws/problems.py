"""What AWS says, as our errors: the action, what it was about, whose right is missing, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from mlops_ci.adapters.aws.renewing import ENDED
from mlops_ci.errors import ProviderError

_LOGIN = "log in (`aws sso login`), or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, then type it again"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})
_WRONG = frozenset({
    "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidClientTokenId", "InvalidSignatureException",
    "UnrecognizedClientException", "MissingAuthenticationToken",
})  # fmt: skip
BUSY = frozenset({
    "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
    "ServiceUnavailable", "InternalFailure", "InternalServerError", "InternalError", "500", "503",
})  # fmt: skip
"""What passes when one waits; boto3 has asked several times by then."""
_LIMIT = frozenset({"ResourceLimitExceeded", "LimitExceededException", "ServiceQuotaExceededException"})
_QUOTA = re.compile(r"limit '(?P<what>[^']+)' is (?P<limit>\d+) Instances")
_NOT_HERE = re.compile(r"resource \S+/(?P<type>ml\.[\w.]+) is not available in this region")
WHO = re.compile(
    r"(?:User|user): (?P<who>\S+) is not authorized to perform: (?P<action>[\w:-]+)(?: on resource: (?P<on>\S+))?"
)


@contextmanager
def guarded(action: str, resource: str) -> Iterator[None]:
    """Translate what goes wrong while an `action` (as IAM names it) is asked for of a `resource` (its name or ARN).

    Raises:
        ProviderError: it failed, or boto3 is not installed; says what was asked, and what to do.

    """
    if find_spec("boto3") is None:
        summary = f"`{action}` on `{resource}` needs boto3, which is not installed"
        raise ProviderError(summary, hint="pip install 'mlops-ci[aws]'")
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise refused(error, action, resource) from error
    except BotoCoreError as error:
        raise _failed(error, action, resource) from error


def code_of(error: Any) -> str:  # noqa: ANN401 - botocore has no types
    """Return the code of a refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))


def said_by(error: Any) -> str:  # noqa: ANN401 - as above
    """Return the sentence of a refusal."""
    return " ".join(str(error.response.get("Error", {}).get("Message", "")).split())


def refused(error: Any, action: str, resource: str) -> ProviderError:  # noqa: ANN401 - as above
    """Return the error that a refusal of AWS is."""
    code, said = code_of(error), said_by(error)
    asked = f"`{action}` on `{resource}`"
    if code in _DENIED:
        found = WHO.search(said)
        who = found["who"] if found else "whoever `aws sts get-caller-identity` names"
        right, on = (found["action"], (found["on"] or resource).strip('"')) if found else (action, resource)
        hint = f"give `{who}` the right `{right}` on `{on}`; docs/aws.md lists the rights of each step"
        return ProviderError(f"`{right}` on `{on}` is denied to `{who}`", hint=hint, detail=said)
    if code in _WRONG:
        hint = f"{_LOGIN}; a region that is not enabled for the account says the same: look at `region`"
        return ProviderError(f"{asked}: the credentials are wrong", hint=hint, detail=f"{code}: {said}")
    if code in ENDED:
        return ProviderError(f"{asked}: the credentials ended", hint=_LOGIN, detail=f"{code}: {said}")
    if code in BUSY:
        hint = "wait a little, then type the command again: it goes on where it stopped"
        return ProviderError(
            f"{asked}: AWS does not keep up, also when asked again", hint=hint, detail=f"{code}: {said}"
        )
    if absent := _NOT_HERE.search(said):
        hint = "write another `instance` into `resources`, or another `region` for the target"
        summary = f"{asked}: the region has no instance `{absent['type']}`"
        return ProviderError(summary, hint=hint, detail=f"{code}: {said}")
    if code in _LIMIT:
        hint = "ask for more in the Service Quotas console, or write another `instance` into `resources`"
        quota = _QUOTA.search(said)
        which = f"the quota `{quota['what']}`, {quota['limit']}," if quota else "a quota of the account"
        return ProviderError(f"{asked}: {which} is used up", hint=hint, detail=f"{code}: {said}")
    return ProviderError(f"{asked}: {code}: {said}", hint="correct what it names, then type the command again")


def _failed(error: Any, action: str, resource: str) -> ProviderError:  # noqa: ANN401 - as above
    from botocore import exceptions as of

    asked, said = f"`{action}` on `{resource}`", " ".join(str(error).split())
    if isinstance(error, (of.NoCredentialsError, of.PartialCredentialsError)):
        return ProviderError(f"{asked}: no AWS credentials were found", hint=_LOGIN, detail=said)
    if isinstance(error, of.NoRegionError):
        hint = "write `region` for the target in mlops-ci.yaml, or export AWS_REGION"
        return ProviderError(f"{asked}: no region was found", hint=hint)
    sso = (of.CredentialRetrievalError, of.TokenRetrievalError, of.SSOError)
    if isinstance(error, (*sso, of.ProfileNotFound, of.ConfigParseError)):
        return ProviderError(f"{asked}: AWS credentials cannot be read: {said}", hint=_LOGIN)
    if isinstance(error, of.ParamValidationError):
        return ProviderError(f"{asked}: {said}", hint="correct the value that it names in the manifest")
    if isinstance(error, (of.HTTPClientError, of.ConnectionError)):
        hint = "look at the network, at `region` and at AWS_ENDPOINT_URL, then type the command again"
        return ProviderError(f"{asked}: nothing answers: {said}", hint=hint)
    return ProviderError(f"{asked}: {said}", hint="look at `region` in mlops-ci.yaml, and at AWS_ENDPOINT_URL")
