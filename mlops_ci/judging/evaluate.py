"""From predictions to scores: every metric over all rows and over every value of every slice."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator

from mlops_ci.judging.metrics import Columns, Undefined, columns, compute
from mlops_ci.judging.predictions import Predictions
from mlops_ci.judging.scores import Measurement, Scores
from mlops_ci.model import METRICS, CustomMetric, Evaluation, Goal
from mlops_ci.model.effects import Json

Slices = tuple[tuple[str, tuple[str, ...]], ...]
"""(column, its value in each row) pairs."""

SLICE_VALUES = 100
"""How many values of one slice are judged apart; beyond it those with the most rows are."""


def evaluate(
    predictions: Predictions,
    slices: Slices,
    evaluation: Evaluation,
    custom: Callable[[CustomMetric, tuple[Json, ...]], float],
) -> Scores:
    """Return every measurement: over all rows first, then slice by slice, values in their order as text.

    The metrics are those that the evaluation names, the deciding one first, then its custom ones. `custom` is asked for
    the value of a custom metric over some rows (`Predictions.rows`); what it raises goes through. A metric that is
    undefined over some rows has no value, but a reason.
    """
    made = columns(predictions)
    rows = predictions.rows(slices)
    own = {metric.name: metric for metric in evaluation.custom}
    names = tuple(dict.fromkeys((*evaluation.names(), *own)))

    def value(name: str, places: tuple[int, ...]) -> float | Undefined:
        if name in own:
            return _finite(custom(own[name], tuple(rows[at] for at in places)))
        return _builtin(name, made, places)

    found: list[Measurement] = []
    for column, of, places in subsets(len(rows), slices):
        for name in names:
            scored = value(name, places)
            if isinstance(scored, Undefined):
                found.append(Measurement(name, None, len(places), column, of, scored.reason))
            else:
                found.append(Measurement(name, scored, len(places), column, of))
    return Scores(evaluation.metric, len(rows), tuple(found))


def goal_of(metric: str, evaluation: Evaluation) -> Goal:
    """Return which direction of a metric is better.

    Raises:
        KeyError: there is no such metric.

    """
    return evaluation.goal(metric)


def _builtin(name: str, made: Columns, places: tuple[int, ...]) -> float | Undefined:
    if name not in METRICS:
        return Undefined(f"`{name}` is no metric")
    return compute(name, made, places)


def _finite(value: float) -> float | Undefined:
    return float(value) if math.isfinite(value) else Undefined("it is not finite over these rows")


def subsets(count: int, slices: Slices) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Yield (slice, value, places of its rows), the whole first, then slice by slice, values in their order as text."""
    yield "", "", tuple(range(count))
    for column, values in slices:
        places: dict[str, list[int]] = defaultdict(list)
        for at, value in enumerate(values):
            places[value].append(at)
        largest = sorted(places, key=lambda value: (-len(places[value]), value))[:SLICE_VALUES]
        for value in sorted(largest):
            yield column, value, tuple(places[value])
