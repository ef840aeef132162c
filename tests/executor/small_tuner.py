"""A `Tuner` in memory, which tries every combination, one after the other, and a world that has it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.ports.jobs import (
    Failed,
    FailureCause,
    JobStatus,
    Output,
    Outputs,
    Running,
    Stopped,
    Succeeded,
)
from mlops_ci.ports.tuning import TunedTrial, TuningJob
from tests.executor.searching import Lacking, searching
from tests.executor.small import Small
from tests.executor.small_stores import SmallArtifacts

TUNED = """\
format: 1
script: src/train/fit.py
hyperparameters: {depth: 2}
metric_definitions: [{name: loss, regex: 'loss=([0-9.]+)'}]
search:
  strategy: grid
  objective: loss
  goal: minimize
  ranges:
    cut: {values: [1, 7, 5, 5.5]}
"""


def at(attempt: str, number: int) -> str:
    return f"2026-01-0{attempt}T00:00:{number:02d}.000Z"


@dataclass
class SmallTuner:
    """The port. A trial ends whenever somebody asks how far it is, unless it is `held`; its loss is `|cut - 5|`.

    `fates` are how trials end, by number; `silent` are those whose log says nothing, `chosen` what is tried instead of
    all. `begun` are the keys of jobs that were started, `collected` the (key, number) whose outputs were asked for.
    """

    artifacts: SmallArtifacts
    fates: dict[int, JobStatus] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    silent: set[int] = field(default_factory=set)
    chosen: list[tuple[tuple[str, str], ...]] = field(default_factory=list)
    refusal: Exception | None = None
    jobs: dict[str, TuningJob] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    collected: list[tuple[str, int]] = field(default_factory=list)
    ended: dict[str, int] = field(default_factory=dict)

    def submit(self, job: TuningJob, *, key: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        if key not in self.jobs:
            self.begun.append(key)
            self.jobs[key] = job
            self.ended[key] = 0

    def status(self, key: str) -> JobStatus | None:
        if key not in self.jobs:
            return None
        if self.ended[key] < self._count(key) and key not in self.stopped:
            self.ended[key] += self.ended[key] + 1 not in self.held
            return Running()
        last = self._ended(key, 99)
        if key in self.stopped:
            return Stopped(last.started_at, last.ended_at, 9.0)
        if any(trial.value is not None for trial in self.trials(key)):
            return last
        return Failed(FailureCause.EXIT, "no training job succeeded", last.started_at, last.ended_at, 9.0)

    def trials(self, key: str) -> tuple[TunedTrial, ...]:
        if key not in self.jobs:
            return ()
        ended = self.ended[key]
        begun = min(ended + 1, self._count(key))
        return tuple(self._trial(key, number, is_running=number > ended) for number in range(1, begun + 1))

    def collect(self, key: str, number: int) -> Outputs:
        self.collected.append((key, number))
        cut = float(dict(self._points(key)[number - 1])["cut"])
        kept = {"log": f"this is {key[-1]}/{number}\n".encode(), "model": json.dumps({"cut": cut}).encode()}
        return Outputs(tuple(Output(name, self.artifacts.put(made), len(made)) for name, made in kept.items()))

    def logs(self, key: str, number: int, *, start: int) -> Iterator[str]:
        return iter((f"{key[-1]}/{number} goes on",)[start:])

    def stop(self, key: str) -> None:
        self.stopped.add(key)

    def _trial(self, key: str, number: int, *, is_running: bool) -> TunedTrial:
        point = self._points(key)[number - 1]
        if is_running:
            last = self._ended(key, number)
            status = Stopped(last.started_at, last.ended_at, 1.0) if key in self.stopped else Running()
            return TunedTrial(number, point, status, None)
        ended = self.fates.get(number) or self._ended(key, number)
        is_scored = isinstance(ended, Succeeded) and number not in self.silent
        return TunedTrial(number, point, ended, abs(float(dict(point)["cut"]) - 5) if is_scored else None)

    def _points(self, key: str) -> list[tuple[tuple[str, str], ...]]:
        if self.chosen:
            return self.chosen
        axes = [[(found.name, str(value)) for value in found.values] for found in self.jobs[key].ranges]
        return list(itertools.product(*axes))

    def _count(self, key: str) -> int:
        return len(self._points(key))

    def _ended(self, key: str, number: int) -> Succeeded:
        return Succeeded(at(key[-1], number % 60), at(key[-1], number % 60), 2.0)


def tuned(root: Path, text: str = TUNED) -> tuple[Small, SmallTuner]:
    """Return a world with a tuner, in which nothing else could choose hyperparameters."""
    world = searching(root, text=text)
    tuner = SmallTuner(world.artifacts)
    world.tuner, world.sampler = tuner, Lacking()
    return world, tuner
