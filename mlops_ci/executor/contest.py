"""Holding a contest: the records' evaluations, and the predictions of all sides for the differences between them."""

from __future__ import annotations

from mlops_ci.errors import MlopsError
from mlops_ci.executor.predictions import recorded
from mlops_ci.executor.world import World
from mlops_ci.judging.contest import decide
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.judging.scores import Difference
from mlops_ci.judging.significance import Sample, difference
from mlops_ci.plan.contest import contenders, defender, entrants
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.datasets import TestSet
from mlops_ci.records.facts import Decided, Evaluated
from mlops_ci.records.ledger import Ledger

Samples = dict[str, Sample | None]
"""By package; None where its predictions are gone or damaged."""


def hold_contest(world: World, desired: DesiredModel, ledger: Ledger, contest: str, test: TestSet) -> Decided:
    """Return how today's contest of a model ends; every evaluation is on record by then."""
    found = entrants(desired, ledger)
    against = defender(desired, ledger)
    entries = contenders(desired, ledger)
    if found is None or entries is None:
        raise AssertionError("a contest is held when every evaluation is on record")
    metric = desired.model.evaluation.metric
    samples = {e.package: _sample(world, desired, test, metric, e) for e in (*entries, *([against] if against else ()))}
    competing = tuple((c.name, e.package) for c, e in zip(desired.candidates, entries, strict=True))
    to_defender = _differences(metric, samples, competing, against.package if against else "")
    p_values = {name: apart.p_value for name, apart in to_defender if apart.p_value is not None}
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
        differences=_differences(metric, samples, competing, decision.package),
    )


def _differences(
    metric: str, samples: Samples, competing: tuple[tuple[str, str], ...], champion: str
) -> tuple[tuple[str, Difference], ...]:
    """Return (candidate, difference to the champion's package) pairs, where the two can be compared."""
    theirs = samples.get(champion)
    return tuple(
        (name, apart)
        for name, package in competing
        if theirs is not None and package != champion and (mine := samples[package]) is not None
        if (apart := difference(metric, mine, theirs)) is not None
    )


def _sample(world: World, desired: DesiredModel, test: TestSet, metric: str, entry: Evaluated) -> Sample | None:
    try:
        values = recorded(world, entry.predictions)
        return Sample.of((metric,), read_predictions(values, test.labels, Reading.of(desired.model)))
    except MlopsError:  # predictions that are gone or damaged decide nothing, and are named by who reads them next
        return None
