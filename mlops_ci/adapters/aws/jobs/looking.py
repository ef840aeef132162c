"""Looking at jobs without asking too often: SageMaker throttles describe calls, and whoever waits asks all the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mlops_ci.adapters.aws.jobs.asking import is_open
from mlops_ci.adapters.aws.jobs.statuses import Description

SHORTEST = 5.0
LONGEST = 30.0
"""Seconds between two calls about one job: a tenth of the time that it is known, within these bounds."""

_CONSISTENT = 300.0
"""Seconds within which a job that was made here shows up in any describe call."""


@dataclass(slots=True)
class Seen:
    """What was answered last about a job, and when it was known first."""

    since: float
    at: float
    about: Description | None


@dataclass(frozen=True, slots=True)
class Looks:
    """Remembers what was answered, by job. `every` is the seconds between two calls; None: from 5 growing to 30.

    One thread waits for one job, and each operation is one of a dictionary's, so threads need no lock.
    """

    every: float | None = None
    clock: Callable[[], float] = time.monotonic
    _seen: dict[str, Seen] = field(default_factory=dict, compare=False, repr=False)
    _made: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def look(self, name: str, ask: Callable[[], Description | None]) -> Description | None:
        """Return what `ask` answers about a job, or answered a moment ago."""
        now = self.clock()
        seen = self._seen.get(name)
        if seen is not None and now - seen.at < self._pause(now - seen.since):
            return seen.about
        about = ask()
        if about is not None or self.is_made(name):
            self._seen[name] = Seen(seen.since if seen else now, self.clock(), about)
        else:
            self._seen.pop(name, None)  # whoever makes it is to be seen at once
        return about

    @contextmanager
    def making(self, name: str) -> Iterator[None]:
        """Make a job within: it counts as made, also where nothing answered, until AWS refuses."""
        self.make(name)
        try:
            yield
        except BaseException as error:
            if isinstance(error, Exception) and not is_open(error):
                self.unmake(name)
            self.forget(name)
            raise
        self.make(name)
        self.forget(name)

    def make(self, name: str) -> None:
        """Remember that a job was made, or may have been."""
        self._made[name] = self.clock()

    def unmake(self, name: str) -> None:
        """Forget that: AWS refused."""
        self._made.pop(name, None)

    def is_made(self, name: str) -> bool:
        """Return whether a job was made here so short a time ago that AWS may not know it yet."""
        return name in self._made and self.clock() - self._made[name] < _CONSISTENT

    def forget(self, name: str) -> None:
        """Have the next look ask."""
        self._seen.pop(name, None)

    def _pause(self, known: float) -> float:
        return min(LONGEST, max(SHORTEST, known / 10)) if self.every is None else self.every
