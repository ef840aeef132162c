"""What SageMaker tells CloudWatch about an endpoint's requests, and the alarms that look at it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_ci.testing.aws.fleets.alarms import COMPARISONS, Rule, Seen, judged
from mlops_ci.testing.aws.fleets.endpoint import Endpoint
from mlops_ci.testing.aws.fleets.invoking import Observed
from mlops_ci.testing.aws.fleets.places import Place

NAMESPACE = "AWS/SageMaker"
KEPT = 100_000
"""Values of a metric that alarms can look back at."""

LATENCIES = frozenset({"ModelLatency", "OverheadLatency"})
"""Metrics in microseconds; percentiles are asked of them, so each value is told."""

EVALUATIONS = 6
"""Looks at an alarm a minute of AWS's."""

Series = tuple[Place, str, str, str]
"""Place, endpoint, variant, metric."""


@dataclass(slots=True)
class _Watched:
    """What we know of an alarm: its state when we last looked, and until when nobody's state is overruled."""

    alarm: Any
    given: str
    due: float = 0.0


@dataclass(slots=True)
class Metrics:
    """The values that were seen. Times are seconds of a monotonic clock."""

    speed: float
    _seen: dict[Series, deque[Seen]] = field(default_factory=dict)
    _untold: dict[Series, list[float]] = field(default_factory=dict)
    _watched: dict[tuple[Place, str], _Watched] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def add(self, endpoint: Endpoint, seen: Observed, instances: int) -> None:
        """Note a request that a variant of so many instances answered."""
        now, status = time.monotonic(), seen.status
        values = {
            "Invocations": 1.0,
            "InvocationsPerInstance": 1.0 / max(1, instances),
            "Invocation4XXErrors": float(400 <= status < 500),
            "Invocation5XXErrors": float(status >= 500),
            "InvocationModelErrors": float(status >= 400),
            "ModelLatency": seen.model * 1e6,
            "OverheadLatency": (seen.whole - seen.model) * 1e6,
        }
        with self._lock:
            for metric, value in values.items():
                series = (endpoint.setting.place, endpoint.name, seen.instance.variant.name, metric)
                self._seen.setdefault(series, deque(maxlen=KEPT)).append(Seen(now, value))
                self._untold.setdefault(series, []).append(value)

    def tell(self) -> None:
        """Put what was seen since into CloudWatch."""
        with self._lock:
            untold, self._untold = self._untold, {}
        for (place, endpoint, variant, metric), values in untold.items():
            dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
            about: dict[str, Any] = {"MetricName": metric, "Dimensions": dimensions}
            if metric in LATENCIES:
                about |= {"Unit": "Microseconds", "Values": values}
            else:
                about |= {"Unit": "None", "StatisticValues": _summary(values)}
            place.cloudwatch.put_metric_data(NAMESPACE, [about])

    def evaluate(self, place: Place) -> None:
        """Give every alarm on an endpoint's metric the state that its values ask for.

        A state that somebody set by SetAlarmState holds for a period, so that whoever watches can see it.
        """
        now = time.monotonic()
        with self._turn:
            for alarm in list(place.cloudwatch.alarms.values()):
                if alarm.namespace == NAMESPACE and not alarm.rule and alarm.comparison_operator in COMPARISONS:
                    self._look_at(place, alarm, now)

    def _look_at(self, place: Place, alarm: Any, now: float) -> None:  # noqa: ANN401 - moto's class
        watched = self._watched.get((place, alarm.name))
        if watched is None or watched.alarm is not alarm:
            watched = self._watched[place, alarm.name] = _Watched(alarm, alarm.state_value)
        if alarm.state_value != watched.given:
            watched.given, watched.due = alarm.state_value, now + alarm.period / self.speed
        if now < watched.due:
            return
        watched.due = now + min(60.0, alarm.period) / EVALUATIONS / self.speed
        state, reason = judged(_rule(alarm), self._values(place, alarm), now, self.speed)
        if state and state != alarm.state_value:
            alarm.update_state(reason, "{}", state)
            watched.given = state

    def _values(self, place: Place, alarm: Any) -> list[Seen]:  # noqa: ANN401 - moto's class
        about = {dimension.name: dimension.value for dimension in alarm.dimensions}
        if set(about) != {"EndpointName", "VariantName"}:
            return []
        series = (place, about["EndpointName"], about["VariantName"], alarm.metric_name)
        with self._lock:
            return list(self._seen.get(series, ()))


def tripped(place: Place, names: tuple[str, ...]) -> str:
    """Return the first of some alarms that is in ALARM; empty where none is."""
    alarms: Mapping[str, Any] = place.cloudwatch.alarms
    return next((name for name in names if name in alarms and alarms[name].state_value == "ALARM"), "")


def _rule(alarm: Any) -> Rule:  # noqa: ANN401 - moto's class
    periods = int(alarm.evaluation_periods)
    return Rule(
        statistic=alarm.statistic or alarm.extended_statistic or "Average",
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        period=float(alarm.period),
        periods=periods,
        needed=int(alarm.datapoints_to_alarm or periods),
        missing=alarm.treat_missing_data or "missing",
    )


def _summary(values: list[float]) -> dict[str, float]:
    return {"SampleCount": len(values), "Sum": sum(values), "Minimum": min(values), "Maximum": max(values)}
