"""Worlds in memory whose candidate `good` searches for the cut, and what is asked of them."""

from __future__ import annotations

from pathlib import Path

from mlops_ci.model import Pairs
from mlops_ci.plan.search import trials_of
from mlops_ci.ports.jobs import CannotRun, Failed, FailureCause
from mlops_ci.records.facts import Finished, Tried
from tests.executor.small import Small, project_files, small
from tests.executor.small_ports import AT, VALIDATION, truth

FAILED = Failed(FailureCause.EXIT, "exit code 1", AT, AT, 1.0)
NO_MACHINE = Failed(FailureCause.NOT_STARTED, "CapacityError", AT, AT, 0.0)
SEARCH = """\
format: 1
script: src/train/fit.py
hyperparameters: {depth: 2}
search:
  strategy: STRATEGY
  budget: {trials: 14, parallel: PARALLEL}
  ranges:
    cut: {min: 0.0, max: 9.0, type: float}
"""
GRID = """\
format: 1
script: src/train/fit.py
search:
  strategy: grid
  ranges:
    cut: {values: [1, 7, 5, 5.5]}
    depth: {values: [1, two]}
"""


def searching(root: Path, strategy: str = "bayesian", parallel: int = 1, *, text: str = SEARCH) -> Small:
    """Return a world whose candidate `good` searches for the cut."""
    manifest = text.replace("STRATEGY", strategy).replace("PARALLEL", str(parallel))
    return small(root, {**project_files(), "pipelines/tiny/candidates/good.yaml": manifest.encode()})


def trials(world: Small) -> tuple[Tried, ...]:
    wanted = next(c for c in world.assess().desired[0].candidates if c.name == "good")
    return trials_of(world.ledger, wanted.fingerprint)


def told(world: Small) -> list[tuple[int, Pairs, float | None]]:
    return [(trial.number, trial.hyperparameters, trial.score) for trial in trials(world)]


def end(world: Small) -> Finished:
    wanted = next(c for c in world.assess().desired[0].candidates if c.name == "good")
    found = world.ledger.tries("training", wanted.fingerprint)[-1].finished
    assert found is not None
    return found


def begun(world: Small) -> list[str]:
    """Return the names of the trainings of trials that were started, in order."""
    return [job.candidate for key in world.trainer.begun if "#" in (job := world.trainer.jobs[key]).candidate]


def accuracy(cut: float) -> float:
    return sum((float(row) > cut) == (truth(row) == "yes") for row in VALIDATION) / len(VALIDATION)


class Lacking:
    """A sampler that is not installed."""

    def obstacle(self) -> CannotRun | None:
        return CannotRun("a search needs `optuna`, which is not installed", "pip install 'mlops-ci[search]'")

    def choose(self, *_: object) -> Pairs:
        raise AssertionError("nothing is chosen")
