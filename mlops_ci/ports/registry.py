"""A registry: where people outside of git see what was promoted, and say yes or no to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from mlops_ci.ports.endpoints import Package


class Decision(Enum):
    """What stands in the registry of a version."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Entry:
    """A version to register. `commit` is the one whose content it was made of, `scores` (metric, value) pairs."""

    model: str
    version: int
    candidate: str
    package: Package
    commit: str
    content_type: str
    problem: str
    scores: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """A version in the registry, and what was decided of it.

    `by`, `why` and `at` (UTC, ISO 8601) tell who decided; `is_ours` that it was a gate and no person.
    """

    reference: str
    decision: Decision
    by: str = ""
    why: str = ""
    at: str = ""
    is_ours: bool = False


class Registry(Protocol):
    """Keeps versions with what was decided of them. Nothing here waits."""

    def standing(self, model: str, version: int, package: str) -> Registered | None:
        """Return what stands of a version with this package's digest; None where it is not registered."""
        ...

    def register(self, entry: Entry) -> Registered:
        """Register a version that is not there, as pending; doing it twice at once is doing it once."""
        ...

    def approve(self, registered: Registered, why: str) -> None:
        """Say that a gate let the version through."""
        ...
