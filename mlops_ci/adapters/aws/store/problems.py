"""What S3 says, as our errors with what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlops_ci.adapters.aws.problems import WHO
from mlops_ci.adapters.aws.renewing import BARE, ENDED
from mlops_ci.errors import ProviderError

_CREDENTIALS = "log in (`aws sso login`), or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, then type it again"
_KINDS: tuple[tuple[frozenset[str], str, str], ...] = (
    (
        frozenset({"NoSuchBucket"}),
        "there is no such bucket",
        "make it (`aws s3 mb s3://{bucket}`), or correct `store` in mlops-ci.yaml",
    ),
    (
        frozenset({"AccessDenied", "403", "AllAccessDisabled", "AccountProblem"}),
        "access is denied",
        "ask for `{action}` on `{resource}` for whoever `aws sts get-caller-identity` names",
    ),
    (
        frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidClientTokenId"}),
        "the credentials are wrong",
        _CREDENTIALS,
    ),
    (ENDED, "the credentials ended", _CREDENTIALS),
    (frozenset({BARE}), "refused without a reason, as S3 does where credentials ended", _CREDENTIALS),
    (
        frozenset({
            "PermanentRedirect", "301", "307", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException",
        }),
        "the bucket is in another region",
        "export AWS_REGION with the bucket's own: `aws s3api get-bucket-location --bucket {bucket}`",
    ),
    (
        frozenset({
            "SlowDown", "503", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests",
            "ServiceUnavailable", "InternalError", "500",
        }),
        "S3 does not keep up, also when asked again",
        "wait a little, then type the command again",
    ),
    (frozenset({"RequestTimeTooSkewed"}), "this machine's clock is wrong", "set the clock, then type it again"),
    (
        frozenset({
            "KMS.NotFoundException", "KMS.DisabledException", "KMS.KMSInvalidStateException",
            "KMSInvalidStateException", "KMS.InvalidKeyUsageException",
        }),
        "the KMS key cannot be used",
        "correct `kms_key` in mlops-ci.yaml, or enable the key",
    ),
    (
        frozenset({"NotImplemented", "501"}),
        "the service cannot do that",
        "a store needs conditional writes (`If-None-Match`): use a service that has them",
    ),
    (
        frozenset({"BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "InvalidDigest"}),
        "the bytes changed on their way",
        "type the command again; where it stays, look at the network",
    ),
)  # fmt: skip


@contextmanager
def guarded(action: str, bucket: str, key: str = "") -> Iterator[None]:
    """Translate what goes wrong while an `action` (as IAM names it) is asked for.

    Raises:
        ProviderError: it failed; names the action, the resource and what to do.

    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _refused(error, action, bucket, key) from error
    except BotoCoreError as error:
        raise _failed(error, bucket) from error


def code_of(error: Any) -> str:  # noqa: ANN401 - botocore has no types
    """Return the code of a refusal: a name, or an HTTP status where the answer has no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _refused(error: Any, action: str, bucket: str, key: str) -> ProviderError:  # noqa: ANN401 - as above
    code, said = code_of(error), str(error.response.get("Error", {}).get("Message") or "")
    resource = f"arn:aws:s3:::{bucket}{f'/{key}' if key else ''}"
    place = f"s3://{bucket}{f'/{key}' if key else ''}"
    if found := WHO.search(said):
        right, on = found["action"], (found["on"] or resource).strip('"')
        advice = f"give `{found['who']}` the right `{right}` on `{on}`; docs/aws.md lists the rights of each step"
        return ProviderError(f"`{right}` on `{place}`: access is denied to `{found['who']}`", hint=advice, detail=said)
    for codes, what, hint in _KINDS:
        if code in codes:
            detail = "" if code.isdigit() or not said else f"{code}: {said}"
            advice = hint.format(action=action, bucket=bucket, resource=resource)
            return ProviderError(f"`{action}` on `{place}`: {what}", hint=advice, detail=detail)
    return ProviderError(f"`{action}` on `{place}`: {code}: {said}", hint="look the code up in the pages of S3")


def _failed(error: Any, bucket: str) -> ProviderError:  # noqa: ANN401 - as above
    from botocore import exceptions as of

    place, said = f"s3://{bucket}", " ".join(str(error).split())
    if isinstance(error, (of.NoCredentialsError, of.PartialCredentialsError)):
        return ProviderError(f"no AWS credentials were found for `{place}`", hint=_CREDENTIALS, detail=said)
    sso = (of.CredentialRetrievalError, of.TokenRetrievalError, of.SSOError)
    if isinstance(error, (*sso, of.ProfileNotFound, of.ConfigParseError)):
        return ProviderError(f"AWS credentials for `{place}` cannot be read: {said}", hint=_CREDENTIALS)
    if isinstance(error, (of.HTTPClientError, of.ConnectionError)):
        hint = "look at the network, at AWS_REGION and at AWS_ENDPOINT_URL, then type the command again"
        return ProviderError(f"`{place}` does not answer: {said}", hint=hint)
    return ProviderError(f"`{place}` cannot be asked: {said}", hint="look at AWS_REGION and AWS_ENDPOINT_URL")
