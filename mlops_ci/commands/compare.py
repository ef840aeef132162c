"""Comparing candidates and versions: their predictions of today's test rows, from the store, metric by metric."""

from __future__ import annotations

from mlops_ci.commands.select import unknown
from mlops_ci.errors import UsageError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.predictions import recorded
from mlops_ci.executor.process import dataset_of
from mlops_ci.executor.world import World
from mlops_ci.judging.evaluate import goal_of
from mlops_ci.judging.intervals import rounded
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.judging.scores import Difference
from mlops_ci.judging.significance import Sample, difference
from mlops_ci.plan.comparison import CHAMPION, Comparison, Missing, Row, Side, find_fields, find_side, names
from mlops_ci.plan.desired import DesiredModel


def compare(world: World, situation: Situation, asked: tuple[str, ...]) -> Comparison:
    """Return how the others compare with the first of them; one alone is compared with the champion.

    Everything is computed from the predictions on record, by today's rules; nothing is run and nothing recorded.

    Raises:
        UsageError: not one model is selected, or somebody is not known, is asked for twice, or has no evaluation on
            today's test rows.
        ProviderError: predictions are not in the store.

    """
    if len(situation.desired) != 1:
        known = ", ".join(d.name for d in situation.desired)
        raise UsageError(
            f"`--compare` wants one model, and {len(situation.desired)} are selected",
            detail=f"the models are {known}" if known else "",
            hint=f"mlops-ci leaderboard MODEL --compare {' '.join(asked)}",
        )
    (desired,) = situation.desired
    wanted = (CHAMPION, *asked) if len(asked) == 1 else asked
    sides = tuple(_side(situation, desired, name) for name in wanted)
    packages = [side.evaluated.package for side in sides]
    for at, side in enumerate(sides):
        if (before := packages.index(packages[at])) < at:
            same = f"`{sides[before].asked}` and `{side.asked}` are one and the same package"
            raise UsageError(same, hint=f"mlops-ci leaderboard {desired.name}")
    test = dataset_of(world, situation, desired, situation.ledger).test
    rules = desired.model.evaluation
    metrics = tuple(dict.fromkeys((*rules.names(), *(custom.name for custom in rules.custom))))
    reading = Reading.of(desired.model)
    samples = tuple(
        Sample.of(metrics, read_predictions(recorded(world, side.evaluated.predictions), test.labels, reading))
        for side in sides
    )
    return Comparison(
        model=desired.name,
        rows=len(test.labels),
        sides=sides,
        metrics=tuple(_row(desired, metric, sides, samples) for metric in metrics),
        fields=find_fields(situation.ledger, sides),
    )


def _side(situation: Situation, desired: DesiredModel, asked: str) -> Side:
    found = find_side(desired, situation.ledger, asked)
    if found is None:
        raise unknown("name", asked, names(desired))
    if isinstance(found, Missing):
        raise UsageError(f"`{asked}` {found.problem}", hint=found.hint)
    return found


def _row(desired: DesiredModel, metric: str, sides: tuple[Side, ...], samples: tuple[Sample, ...]) -> Row:
    rules = desired.model.evaluation
    # What today's evaluation recorded counts; else what follows from the predictions, but for the user's own metrics.
    values = tuple(
        side.evaluated.scores.value(metric)
        if side.evaluated.evaluation == desired.evaluation(side.evaluated.package)
        else sample.values.get(metric)
        for side, sample in zip(sides, samples, strict=True)
    )
    if metric not in {custom.name for custom in rules.custom}:
        paired = tuple(difference(metric, sample, samples[0]) for sample in samples[1:])
        return Row(metric, goal_of(metric, rules), values, paired)
    first = values[0]
    gaps = (None if value is None or first is None else value - first for value in values[1:])
    apart = tuple(None if gap is None else Difference(metric, rounded(gap)) for gap in gaps)
    return Row(metric, goal_of(metric, rules), values, apart)
