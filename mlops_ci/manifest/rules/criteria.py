"""Every requirement can be met and can fail: its metric is computed, and its bounds lie in the metric's range."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import At, did_you_mean, listed
from mlops_ci.manifest.rules.context import Context
from mlops_ci.manifest.rules.metrics import named
from mlops_ci.model import METRICS, Criterion


def check(context: Context) -> Iterator[Diagnostic]:
    manifest = context.manifest
    for index, criterion in enumerate(context.model.promotion.require):
        at: At = ("promotion", "require", index)
        yield from computed(context, (*at, "metric"), criterion.metric)
        yield from _bounds(context, at, criterion)
        yield from _slice(context, at, criterion)
    metric = METRICS.get(context.model.evaluation.metric)
    margin = context.model.promotion.beat_champion.margin
    if metric and metric.low is not None and metric.high is not None and margin >= metric.high - metric.low:
        yield manifest.problem(
            "threshold-range",
            manifest.value("promotion", "beat_champion", "margin"),
            f"no challenger can be better by {margin:g}",
            detail=f"`{metric.name}` lies between {metric.low:g} and {metric.high:g}",
            hint=f"did you mean {_scaled(margin):g}?",
        )


def computed(context: Context, at: At, metric: str) -> Iterator[Diagnostic]:
    """Yield what is wrong with a metric that a rule of the promotion names: it must also be computed."""
    wrong = tuple(named(context, at, metric))
    yield from wrong
    manifest, evaluation = context.manifest, context.model.evaluation
    known = {*METRICS, *(custom.name for custom in evaluation.custom)}
    is_misspelt = any(name not in known for name in evaluation.names())  # likely this one: told already
    if not wrong and not is_misspelt and metric not in evaluation.names():
        yield manifest.problem(
            "metric-not-computed",
            manifest.value(*at),
            f"the evaluation does not compute `{metric}`",
            detail=f"it computes {listed(evaluation.names())}",
            hint=f"add `{metric}` to `evaluation.metrics`",
        )


def _bounds(context: Context, at: At, criterion: Criterion) -> Iterator[Diagnostic]:
    manifest, low, high = context.manifest, criterion.min, criterion.max
    if low is None and high is None:
        yield manifest.problem(
            "criterion-empty",
            manifest.value(*at),
            f"nothing is required of `{criterion.metric}`",
            detail="expected `min` or `max`",
            hint="add `min: ...`",
        )
    if low is not None and high is not None and low > high:
        yield manifest.problem(
            "criterion-empty",
            manifest.value(*at, "min"),
            f"no value lies between {low:g} and {high:g}",
            detail="`min` is above `max`",
            hint="exchange them",
        )
    metric = METRICS.get(criterion.metric)
    if metric is None:
        return
    for key, bound in (("min", low), ("max", high)):
        if bound is None:
            continue
        too_high = metric.high is not None and bound > metric.high
        too_low = metric.low is not None and bound < metric.low
        if not too_high and not too_low:
            continue
        limit = f"never exceeds {metric.high:g}" if too_high else f"is never below {metric.low:g}"
        allowed = _allowed(metric.low, metric.high)
        yield manifest.problem(
            "threshold-range",
            manifest.value(*at, key),
            f"`{key}` must lie {allowed}",
            detail=f"`{metric.name}` {limit}, got {bound:g}",
            hint=f"did you mean {_scaled(bound):g}?" if too_high else f"did you mean {-bound:g}?",
        )


def _allowed(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"between {low:g} and {high:g}"
    return f"at or above {low:g}" if low is not None else f"at or below {high:g}"


def _scaled(bound: float) -> float:
    """Return what somebody likely meant who wrote a share above 1: a slipped point, or per cent."""
    scaled = bound / 10 if bound < 10 else bound / 100
    return round(min(scaled, 1.0), 12)


def _slice(context: Context, at: At, criterion: Criterion) -> Iterator[Diagnostic]:
    manifest, slices = context.manifest, context.model.evaluation.slices
    if criterion.slice and criterion.slice not in slices:
        yield manifest.problem(
            "unknown-slice",
            manifest.value(*at, "slice"),
            f"`{criterion.slice}` is not a slice of the evaluation",
            detail=f"its slices are {listed(slices)}",
            hint=did_you_mean(criterion.slice, slices, f"add `{criterion.slice}` to `evaluation.slices`"),
        )
    if bool(criterion.slice) != bool(criterion.value):
        given, lacking = ("slice", "value") if criterion.slice else ("value", "slice")
        yield manifest.problem(
            "slice-value",
            manifest.key(*at, given),
            f"`{given}` is given without `{lacking}`",
            detail="a criterion holds over all rows, or over the rows with one value of one slice",
            hint=f"add `{lacking}: ...`",
        )
