"""A search: which hyperparameters are tried, how they are chosen, how many times, and what a trial is scored by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from mlops_ci.model.effects import Effect, Pairs, Scalar, causes, section
from mlops_ci.model.metrics import Goal


class Strategy(Enum):
    """How hyperparameters are chosen, by SageMaker's names."""

    BAYESIAN = "bayesian"
    RANDOM = "random"
    GRID = "grid"


class Scale(Enum):
    """How a range is walked: evenly, or evenly by order of magnitude."""

    LINEAR = "linear"
    LOG = "log"


class NumberType(Enum):
    """What a range's numbers are."""

    INTEGER = "integer"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class Range:
    """What a hyperparameter may be: one of `values`, or a number of `type` from `min` to `max`, both included."""

    name: str = causes(Effect.RETRAIN)
    min: float | None = causes(Effect.RETRAIN, default=None)
    max: float | None = causes(Effect.RETRAIN, default=None)
    scale: Scale = causes(Effect.RETRAIN, default=Scale.LINEAR)
    type: NumberType | None = causes(Effect.RETRAIN, default=None)
    values: tuple[Scalar, ...] = causes(Effect.RETRAIN, default=())


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is tried. `max_runtime` in seconds, after which no other trial begins; None means no limit."""

    trials: int | None = causes(Effect.RETRAIN, default=None)
    parallel: int = causes(Effect.METADATA, default=1)
    max_runtime: int | None = causes(Effect.METADATA, default=None)


@dataclass(frozen=True, slots=True)
class Search:
    """A search over `ranges`, sorted by name. An empty `metric` means the one that decides the contest.

    With an `objective`, a metric of the training log, that number is a trial's score, and a target in AWS makes one
    tuning job of it. `goal` is its direction, None where its name says it.
    """

    ranges: tuple[Range, ...] = section()
    strategy: Strategy = causes(Effect.RETRAIN, default=Strategy.BAYESIAN)
    budget: Budget = section(Budget())
    seed: int = causes(Effect.RETRAIN, default=0)
    metric: str = causes(Effect.RETRAIN, default="")
    objective: str = causes(Effect.RETRAIN, default="")
    goal: Goal | None = causes(Effect.RETRAIN, default=None)

    @property
    def trials(self) -> int:
        """Return how many trials there are; of a grid, as many as there are combinations."""
        if self.strategy is Strategy.GRID:
            return math.prod(len(found.values) for found in self.ranges)
        return self.budget.trials or 0

    def combination(self, number: int) -> Pairs:
        """Return the hyperparameters of a grid's trial, from 1; the last range by name changes fastest."""
        at, found = number - 1, []
        for given in reversed(self.ranges):
            at, index = divmod(at, len(given.values))
            found.append((given.name, given.values[index]))
        return tuple(reversed(found))
