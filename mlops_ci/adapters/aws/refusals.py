"""What SageMaker means by a refusal; it has one code for most, and says the rest in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.problems import code_of, said_by
from mlops_ci.errors import ProviderError

_MISSING = frozenset({"ResourceNotFound", "ResourceNotFoundException", "ObjectNotFoundException"})
_ABSENT = re.compile(
    "could not find|cannot find|not found|does not exist|no scal[a-z ]+ found|recordnotfound|unable to describe"
)
_PRESENT = re.compile("already exist|must be unique|duplicate")


def is_missing(error: ProviderError) -> bool:
    """Return whether what was asked for does not exist."""
    return _code(error) in _MISSING or _ABSENT.search(_said(error)) is not None


def is_there(error: ProviderError) -> bool:
    """Return whether something of that name exists already."""
    return _PRESENT.search(_said(error)) is not None


def is_busy(error: ProviderError) -> bool:
    """Return whether an endpoint is created, updated or deleted right now."""
    return "in-progress" in _said(error) or "in progress" in _said(error) or is_in_use(error)


def is_in_use(error: ProviderError) -> bool:
    """Return whether a name is taken; of a job that is the job itself."""
    return _code(error) == "ResourceInUse"


def is_about_status(error: ProviderError) -> bool:
    """Return whether the status of a thing does not allow it: what shall be ended has ended."""
    return _code(error) == "ValidationException" and "status" in _said(error)


def _code(error: ProviderError) -> str:
    cause = _refusal(error)
    return code_of(cause) if cause is not None else ""


def _said(error: ProviderError) -> str:
    cause = _refusal(error)
    return said_by(cause).lower() if cause is not None else ""


def _refusal(error: ProviderError) -> Any:  # noqa: ANN401 - botocore has no types
    """Return what AWS answered; None where nothing did: then boto3's error has a `response` too, and it is None."""
    from botocore.exceptions import ClientError

    return error.__cause__ if isinstance(error.__cause__, ClientError) else None


def unless_missing(
    account: Account,
    action: str,
    resource: str,
    call: Callable[..., Any],
    **arguments: Any,  # noqa: ANN401 - a request
) -> dict[str, Any]:
    """Return what a call answers; empty where what it is about does not exist."""
    try:
        with account.asked(action, resource):
            return dict(call(**arguments) or {})
    except ProviderError as error:
        if is_missing(error):
            return {}
        raise
