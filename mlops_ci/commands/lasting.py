"""Whether what a verb records is there for the next job: a machine of a CI system may be thrown away with its disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mlops_ci.errors import ProviderError

STEPS = frozenset(("train", "evaluate", "promote", "deploy", "test", "gate", "approve", "rollback", "release"))
"""The verbs that do a part of the plan, and leave the rest to the next job."""

_PLACES = frozenset(("deploy", "test", "rollback"))
"""The verbs that need, or leave behind, an endpoint."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a command works, and where its store is.

    `machine` is what is thrown away after this job, in words, or empty; `store` the folder of the store, or empty where
    it is in none. `shares_disk` claims that the store lies on the same file system as the checkout; `is_vouched` that
    somebody says that it stays. `serves_in_checkout` claims that a CI system works here, and that endpoints are
    processes of this machine whose state lies in the checkout.
    """

    machine: str
    store: str
    shares_disk: bool
    is_vouched: bool
    serves_in_checkout: bool = False


class Loss(Enum):
    """What will not be there for the next job."""

    RECORDS = "what a verb records"
    ENDPOINTS = "endpoints"


@dataclass(frozen=True, slots=True)
class Warned:
    """What is told before the work, and what to do about it."""

    loss: Loss
    summary: str
    hint: str


def warnings(verb: str, where: Whereabouts, *, pull_request: str) -> tuple[Warned, ...]:
    """Return what is to be told before a verb does its work.

    Raises:
        ProviderError: the next job could not see what this verb records.

    """
    found: list[Warned] = []
    if where.machine and where.store and where.shares_disk and not where.is_vouched:
        summary = f"the store `{where.store}` lies on {where.machine}, which is thrown away after this job"
        hint = "a store on S3, or on a volume that is mounted (`store` in mlops-ci.yaml), or MLOPS_CI_STORE_STAYS=1"
        if verb in STEPS and not pull_request:
            raise ProviderError(
                f"`{verb}` would lose what it records: {summary}", hint=f"{hint}; `mlops-ci run` does all in one job"
            )
        found.append(Warned(Loss.RECORDS, summary, hint))
    if where.serves_in_checkout and verb in _PLACES:
        summary = "endpoints of `kind: local` belong to this checkout: they end with it, and no other job sees them"
        found.append(Warned(Loss.ENDPOINTS, summary, "MLOPS_CI_STATE=/srv/mlops-ci/state, outside of it"))
    return tuple(found)
