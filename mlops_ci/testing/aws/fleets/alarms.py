"""CloudWatch's alarms on an endpoint's metrics: from values that were seen to a state."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """An alarm: `needed` of `periods` windows, each of `period` seconds, must breach; `missing` as TreatMissingData."""

    statistic: str
    comparison: str
    threshold: float
    period: float
    periods: int
    needed: int
    missing: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A value, and the second at which it came."""

    at: float
    value: float


def judged(rule: Rule, seen: Sequence[Seen], now: float, speed: float) -> tuple[str, str]:
    """Return the state that the values of a metric, in order of time, give an alarm, and the reason.

    The windows end now and have a `speed`th of the rule's length. An empty state means: as it was.
    """
    width = rule.period / speed
    points = [
        _statistic(rule.statistic, _within(seen, now - (n + 1) * width, now - n * width)) for n in range(rule.periods)
    ]
    breaching = [_is_breaching(rule, point) for point in points]
    known = [point for point in points if point is not None]
    said = ", ".join(f"{point:g}" for point in known) or "no datapoint"
    if breaching.count(True) >= rule.needed:
        return "ALARM", f"Threshold Crossed: {said} against {rule.comparison} {rule.threshold:g}."
    if not known and rule.missing in {"missing", ""}:
        return "INSUFFICIENT_DATA", "Insufficient Data: no datapoint was received."
    if not known and rule.missing == "ignore":
        return "", ""
    return "OK", f"Threshold not crossed: {said} against {rule.comparison} {rule.threshold:g}."


def _within(seen: Sequence[Seen], after: float, until: float) -> list[float]:
    found = []
    for item in reversed(seen):
        if item.at <= after:
            break
        if item.at <= until:
            found.append(item.value)
    return found


def _is_breaching(rule: Rule, point: float | None) -> bool | None:
    if point is None:
        return {"breaching": True, "notBreaching": False}.get(rule.missing)
    return COMPARISONS[rule.comparison](point, rule.threshold)


def _statistic(name: str, values: list[float]) -> float | None:
    """Return a statistic of some values, percentiles (`p99.9`) too; None where there are none."""
    if not values:
        return None
    match name:
        case "Sum":
            return math.fsum(values)
        case "SampleCount":
            return float(len(values))
        case "Minimum":
            return min(values)
        case "Maximum":
            return max(values)
        case "Average":
            return math.fsum(values) / len(values)
        case _:
            place = max(0, math.ceil(float(name.removeprefix("p")) / 100 * len(values)) - 1)
            return sorted(values)[place]
