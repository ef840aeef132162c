"""Calls of SageMaker whose refusal is an answer: there is such a thing already, or there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.problems import BUSY, code_of
from mlops_ci.adapters.aws.refusals import is_about_status, is_in_use, is_missing, is_there
from mlops_ci.errors import ProviderError

T = TypeVar("T")


class Made(Enum):
    """What became of a request to make something."""

    NEW = "it was made"
    KNOWN = "there was one of this name"


def found(account: Account, action: str, name: str, call: Callable[[], T], *, service: str = "sagemaker") -> T | None:
    """Return what a call answers, None where there is nothing of this name; other refusals as `Account.asked`."""
    try:
        with account.asked(f"{service}:{action}", name):
            return call()
    except ProviderError as error:
        if is_missing(error):
            return None
        raise


def made(account: Account, action: str, name: str, call: Callable[[], object]) -> Made:
    """Make something, and return whether it was there already; other refusals as `Account.asked`.

    boto3 asks again where a connection breaks: the second answer is that it exists, though it was we who made it.
    """
    try:
        with account.asked(f"sagemaker:{action}", name):
            call()
    except ProviderError as error:
        if is_there(error) or is_in_use(error):
            return Made.KNOWN
        raise
    return Made.NEW


def ended(account: Account, action: str, name: str, call: Callable[[], object]) -> None:
    """End or delete something; nothing happens where there is none, or where it has ended."""
    try:
        with account.asked(f"sagemaker:{action}", name):
            call()
    except ProviderError as error:
        if not (is_missing(error) or is_about_status(error)):
            raise


def is_open(error: BaseException) -> bool:
    """Return whether AWS may have acted all the same: nothing answered, or it was too busy to."""
    from botocore.exceptions import ClientError

    cause = error.__cause__
    return code_of(cause) in BUSY if isinstance(cause, ClientError) else cause is not None


def told(answer: Mapping[str, Any] | None, key: str) -> str:
    """Return a text of an answer, empty where it has none."""
    return str((answer or {}).get(key) or "")
