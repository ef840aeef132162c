"""Searches: what their trials are called, what they are scored by, which is best, and how long the rest takes."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from mlops_ci.model import Goal, Model, Pairs, Search
from mlops_ci.plan.desired import DesiredCandidate
from mlops_ci.records.facts import Tried
from mlops_ci.records.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Objective:
    """What a search makes as good as it can: a metric over the validation rows, and which direction is better.

    Where `is_logged`, the metric is a number that the training writes to its log.
    """

    metric: str
    goal: Goal
    is_logged: bool = False

    @classmethod
    def of(cls, model: Model, search: Search) -> Objective:
        """Return what a search of a model is after."""
        return cls(*model.aim(search), bool(search.objective))

    def best(self, trials: tuple[Tried, ...]) -> Tried | None:
        """Return the trial with the best score, of equal ones the first; None where none has a score."""
        return next(iter(self.ranked(tuple(t for t in trials if t.score is not None))), None)

    def ranked(self, trials: tuple[Tried, ...]) -> tuple[Tried, ...]:
        """Return trials best first, of equal ones the first, those without a score last."""

        def key(trial: Tried) -> tuple[bool, float, int]:
            value = trial.score if trial.score is not None else 0.0
            return trial.score is None, value if self.goal is Goal.MINIMIZE else -value, trial.number

        return tuple(sorted(trials, key=key))


def trial_name(candidate: str, number: int) -> str:
    """Return what a trial's training is called; no candidate can have this name."""
    return f"{candidate}#{number}"


def told(search: Search) -> str:
    """Return how much is tried, and how, in a few words."""
    return f"{search.trials} trial{'s' * (search.trials != 1)} ({search.strategy.value})"


def trials_of(ledger: Ledger, fingerprint: str) -> tuple[Tried, ...]:
    """Return the trials of a search's last attempt by number; of one that was scored again, the last score."""
    tries = ledger.tries("training", fingerprint)
    found = ledger.trials.get((fingerprint, tries[-1].intent.attempt), ()) if tries else ()
    return tuple({trial.number: trial for trial in found}.values())


def chosen(model: Model, candidate: DesiredCandidate, ledger: Ledger) -> Pairs:
    """Return the hyperparameters of a candidate; where it searched, with those of the best trial."""
    search, fixed = candidate.candidate.search, candidate.candidate.hyperparameters
    found = Objective.of(model, search).best(trials_of(ledger, candidate.fingerprint)) if search else None
    return tuple(sorted((*fixed, *found.hyperparameters))) if found else fixed


def expected_seconds(model: str, candidate: DesiredCandidate, ledger: Ledger, alone: float | None) -> float | None:
    """Return how long the trials that are left take, in seconds, as past ones did; None where nothing is known.

    `alone` is how long one training of the candidate took before it searched.
    """
    search = candidate.candidate.search
    if search is None:
        return alone
    past = [t.seconds for trials in ledger.trials.values() for t in trials
            if t.model == model and t.candidate == candidate.name and t.outcome == "succeeded"]  # fmt: skip
    each = median(past) if past else alone
    if each is None:
        return None
    tries = ledger.tries("training", candidate.fingerprint)
    done = len(trials_of(ledger, candidate.fingerprint)) if tries and tries[-1].finished is None else 0
    seconds = each * (search.trials - done) / search.budget.parallel
    return min(seconds, float(search.budget.max_runtime)) if search.budget.max_runtime else seconds
