"""Turns: of several commands that work at once, one works on a model at a time. Whoever only reads never asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works on a model: a verb, a process, since when (UTC, ISO 8601); `host` is empty where it is this machine."""

    verb: str
    pid: int
    host: str
    since: str

    @property
    def sentence(self) -> str:
        """Return who it is, for people."""
        where = f"on {self.host}, " if self.host else ""
        return f"`mlops-ci {self.verb}` ({where}pid {self.pid}, since {self.since[11:19]} UTC)"


@dataclass(frozen=True, slots=True)
class Taken:
    """The model is ours. `was_used`: somebody else worked on it after the given time, or may have."""

    was_used: bool


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody else works on it; None where it cannot be told who."""

    holder: Holder | None


@dataclass(frozen=True, slots=True)
class Unguarded:
    """Nothing can be locked here, and why: whoever goes on must expect another to do the same."""

    reason: str


class Locks(Protocol):
    """Locks by model, held by this process and gone with it. Implementations pass `tests/contracts/locks.py`."""

    def take(self, model: str, *, since: str) -> Taken | Busy | Unguarded:
        """Return whether the model is ours from now on; never waits. `since` is UTC, ISO 8601."""
        ...

    def leave(self, model: str) -> None:
        """Let go of a model; does nothing where it is not ours."""
        ...
