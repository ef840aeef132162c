"""Choosing the hyperparameters of a search's trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mlops_ci.model import Goal, Pairs, Search
from mlops_ci.ports.jobs import CannotRun


@dataclass(frozen=True, slots=True)
class Known:
    """A trial that ended: what it was given, and its score; None where it failed."""

    hyperparameters: Pairs
    score: float | None


class Sampler(Protocol):
    """Chooses. It remembers nothing: the same arguments give the same hyperparameters, in any process."""

    def obstacle(self) -> CannotRun | None:
        """Return why nothing can be chosen here, having loaded nothing."""
        ...

    def choose(
        self, search: Search, goal: Goal, number: int, ended: tuple[Known, ...], pending: tuple[Pairs, ...]
    ) -> Pairs:
        """Return the hyperparameters of trial `number` (from 1), one of each range, sorted by name.

        `ended` are the trials to learn from, `pending` those that were chosen at the same time.

        Raises:
            ProviderError: nothing can be chosen here.

        """
        ...
