"""The trials of each candidate's search, best first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from mlops_ci.model import Search
from mlops_ci.plan.desired import DesiredCandidate, DesiredModel
from mlops_ci.plan.search import Objective, trials_of
from mlops_ci.records.facts import Tried
from mlops_ci.records.ledger import Ledger


class Stage(Enum):
    """How far a search came."""

    NOT_BEGUN = "not begun"
    OPEN = "not ended"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Searched:
    """A candidate's search as the manifest asks for it, and the trials of its last attempt, best first."""

    model: str
    candidate: str
    fingerprint: str
    search: Search
    objective: Objective
    stage: Stage
    trials: tuple[Tried, ...]

    @property
    def best(self) -> Tried | None:
        """Return the best trial, or None where none has a score."""
        return self.objective.best(self.trials)


@dataclass(frozen=True, slots=True)
class Searches:
    """The searches of the models that were asked for."""

    searches: tuple[Searched, ...]


def searches(desired: tuple[DesiredModel, ...], ledger: Ledger) -> Searches:
    """Return the search of every candidate that has one, in the order of models and candidates."""
    return Searches(tuple(found for model in desired for found in _of(model, ledger)))


def _of(desired: DesiredModel, ledger: Ledger) -> Iterator[Searched]:
    for candidate in desired.candidates:
        search = candidate.candidate.search
        if search is not None:
            objective = Objective.of(desired.model, search)
            trials = objective.ranked(trials_of(ledger, candidate.fingerprint))
            stage = _stage(candidate, ledger)
            yield Searched(desired.name, candidate.name, candidate.fingerprint, search, objective, stage, trials)


def _stage(candidate: DesiredCandidate, ledger: Ledger) -> Stage:
    tries = ledger.tries("training", candidate.fingerprint)
    if not tries:
        return Stage.NOT_BEGUN
    last = tries[-1].finished
    if last is None:
        return Stage.OPEN
    return Stage.ENDED if last.outcome == "succeeded" else Stage.FAILED
