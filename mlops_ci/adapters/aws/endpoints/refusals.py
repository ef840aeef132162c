"""What SageMaker means by a refusal; it has one code for most, and says the rest in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.problems import code_of, said_by
from mlops_ci.errors import ProviderError

_MISSING = frozenset({"ResourceNotFound", "ResourceNotFoundException", "ObjectNotFoundException"})
_ABSENT = re.compile("could not find|not found|does not exist|no scal[a-z ]+ found")


def is_missing(error: ProviderError) -> bool:
    """Return whether what was asked for does not exist."""
    return _code(error) in _MISSING or _ABSENT.search(_said(error)) is not None


def is_there(error: ProviderError) -> bool:
    """Return whether something of that name exists already."""
    return "already exist" in _said(error)


def is_busy(error: ProviderError) -> bool:
    """Return whether an endpoint is created, updated or deleted right now."""
    return "in-progress" in _said(error) or "in progress" in _said(error) or _code(error) == "ResourceInUse"


def _code(error: ProviderError) -> str:
    return code_of(error.__cause__) if hasattr(error.__cause__, "response") else ""


def _said(error: ProviderError) -> str:
    return said_by(error.__cause__).lower() if hasattr(error.__cause__, "response") else ""


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
