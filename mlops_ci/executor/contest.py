"""Holding a contest: the records' evaluations, and the predictions of both sides for the p-values."""

from __future__ import annotations

from mlops_ci.errors import MlopsError
from mlops_ci.executor.predictions import recorded
from mlops_ci.executor.world import World
from mlops_ci.judging.contest import decide
from mlops_ci.judging.predictions import Predictions, Reading, read_predictions
from mlops_ci.judging.significance import p_value
from mlops_ci.plan.contest import contenders, defender, entrants
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.datasets import TestSet
from mlops_ci.records.facts import Decided, Evaluated
from mlops_ci.records.ledger import Ledger


def hold_contest(world: World, desired: DesiredModel, ledger: Ledger, contest: str, test: TestSet) -> Decided:
    """Return how today's contest of a model ends; every evaluation is on record by then."""
    found = entrants(desired, ledger)
    against = defender(desired, ledger)
    if found is None:
        raise AssertionError("a contest is held when every evaluation is on record")
    entries = zip(desired.candidates, contenders(desired, ledger) or (), strict=True)
    p_values = {
        candidate.name: p
        for candidate, entry in entries
        if against is not None and entry.package != against.package
        if (p := _p_value(world, desired, test, entry, against)) is not None
    }
    decision = decide(found.contenders, found.champion, found.rules, p_values)
    return Decided(
        model=desired.name,
        contest=contest,
        outcome=decision.outcome.value,
        candidate=decision.candidate,
        package=decision.package,
        sentence=decision.sentence,
        lines=tuple((place.candidate, place.sentence) for place in decision.places),
        p_values=decision.p_values,
        at=world.clock.now(),
    )


def _p_value(world: World, desired: DesiredModel, test: TestSet, one: Evaluated, other: Evaluated) -> float | None:
    """Return the p-value of two evaluations on the same rows; None where their predictions cannot be compared."""
    try:
        mine, theirs = (_predictions(world, desired, test, entry) for entry in (one, other))
    except MlopsError:  # predictions that are gone or damaged decide nothing, and are named by who reads them next
        return None
    return p_value(desired.model.evaluation.metric, mine, theirs, seed=one.evaluation)


def _predictions(world: World, desired: DesiredModel, test: TestSet, entry: Evaluated) -> Predictions:
    return read_predictions(recorded(world, entry.predictions), test.labels, Reading.of(desired.model))
