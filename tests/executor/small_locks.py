"""Locks in memory, between worlds of one test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mlops_ci.ports.locks import Busy, Holder, Taken, Unguarded

OTHER = Holder("run", 4711, "", "2026-01-01T10:31:02.000Z")


@dataclass
class SmallLocks:
    """`Locks`. `others` are models that somebody else holds, each for so many looks; `on_free` is what they did.

    `used` are models on which somebody worked since the plan was made; `reason` is why nothing can be locked.
    """

    others: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    reason: str = ""
    held: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    on_free: Callable[[str], object] = lambda model: None

    def take(self, model: str, *, since: str) -> Taken | Busy | Unguarded:
        if self.reason:
            return Unguarded(self.reason)
        if model in self.others:
            if self.others[model] > 0:
                self.others[model] -= 1
                return Busy(OTHER)
            del self.others[model]
            self.on_free(model)
        self.held.append(model)
        self.taken.append(model)
        return Taken(model in self.used)

    def leave(self, model: str) -> None:
        if model in self.held:
            self.held.remove(model)
