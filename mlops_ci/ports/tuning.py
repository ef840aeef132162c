"""Searches that a provider makes as one job of its own: it chooses the hyperparameters of each trial, and trains it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from mlops_ci.model import Budget, Goal, Range, Strategy
from mlops_ci.ports.jobs import JobStatus, Outputs, TrainingJob


@dataclass(frozen=True, slots=True)
class TuningJob:
    """What a tuning job is given. `training` is what each trial has, without the hyperparameters of `ranges`.

    The values of ranges are texts, as a script is given them. `metric` is one of the training's metric definitions, or
    one that its algorithm writes; `trials` is how many there are to be.
    """

    training: TrainingJob
    ranges: tuple[Range, ...]
    strategy: Strategy
    budget: Budget
    trials: int
    seed: int
    metric: str
    goal: Goal


@dataclass(frozen=True, slots=True)
class TunedTrial:
    """A trial of a tuning job, by its number from 1. `value` is its metric, None as long as there is none."""

    number: int
    hyperparameters: tuple[tuple[str, str], ...]
    status: JobStatus
    value: float | None


class Tuner(Protocol):
    """Runs tuning jobs. Nothing here waits."""

    def submit(self, job: TuningJob, *, key: str) -> None:
        """Start the job, or adopt the one that has this key.

        Raises:
            InputsMoved: the code's bytes are no longer those of its digest.
            ProviderError: it could not be started.

        """
        ...

    def status(self, key: str) -> JobStatus | None:
        """Return what is known now; None where no job has this key. It succeeded where any trial did."""
        ...

    def trials(self, key: str) -> tuple[TunedTrial, ...]:
        """Return every trial that was begun so far, by number."""
        ...

    def collect(self, key: str, number: int) -> Outputs:
        """Return the outputs of a trial that ended, having put them into the artifact store; repeatable."""
        ...

    def logs(self, key: str, number: int, *, start: int) -> Iterator[str]:
        """Return the lines of a trial's log known now, from line `start` (negative: that many from the end)."""
        ...

    def stop(self, key: str) -> None:
        """Ask the job and all its trials to end; does nothing where it has ended."""
        ...
