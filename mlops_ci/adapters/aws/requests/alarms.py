"""Alarms that watch an endpoint while it is updated, and roll it back."""

from __future__ import annotations

from typing import Any

from mlops_ci.adapters.aws.requests.endpoints import VARIANT, Tags
from mlops_ci.model.rollout import Alarms

ERRORS, LATENCY = "5xx", "latency"
PERIOD = 60
"""Seconds between two looks: SageMaker gives its metrics by the minute."""


def names(endpoint: str) -> tuple[str, ...]:
    """Return the names of every alarm that an endpoint of ours may have."""
    return f"{endpoint}-{ERRORS}", f"{endpoint}-{LATENCY}"


def requests(endpoint: str, alarms: Alarms, tags: list[Tags]) -> tuple[dict[str, Any], ...]:
    """Return the alarms that are asked for, one PutMetricAlarm each."""
    errors, latency = names(endpoint)
    found = []
    if alarms.errors_5xx:
        said = f"{alarms.errors_5xx} or more answers of 5xx in a minute"
        found.append(_alarm(endpoint, errors, "Invocation5XXErrors", "Sum", alarms.errors_5xx, said, tags))
    if alarms.latency_ms:
        said = f"a mean time of {alarms.latency_ms:g} ms or more in a minute"
        # The metric is in microseconds.
        found.append(_alarm(endpoint, latency, "ModelLatency", "Average", 1000 * alarms.latency_ms, said, tags))
    return tuple(found)


def _alarm(
    endpoint: str, name: str, metric: str, statistic: str, threshold: float, said: str, tags: list[Tags]
) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "AlarmDescription": f"{said}, of endpoint {endpoint}: rolls a deployment of mlops-ci back",
        "Namespace": "AWS/SageMaker",
        "MetricName": metric,
        "Dimensions": [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": VARIANT}],
        "Statistic": statistic,
        "Period": PERIOD,
        "EvaluationPeriods": 1,
        "Threshold": float(threshold),
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "Tags": tags,
    }
