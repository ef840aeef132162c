"""A trial of a tuning job: its training job, and what the API tells about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_ci.testing.aws.tuning.ranges import Point

OBJECTIVE = "_tuning_objective_metric"
"""The hyperparameter by which a training job knows that it is a trial."""

_TAKEN = (
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "VpcConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "RetryStrategy",
    "Environment",
)


@dataclass(slots=True)
class Trial:
    """One of them. `described` is what DescribeTrainingJob last said."""

    name: str
    definition: Mapping[str, Any]
    objective: Mapping[str, Any]
    point: Point
    described: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Return the status of the training job."""
        return str(self.described.get("TrainingJobStatus", "InProgress"))

    @property
    def value(self) -> float | None:
        """Return what the objective's metric was in the end, None where the training ended without."""
        if self.status != "Completed":
            return None
        values = [
            metric["Value"]
            for metric in self.described.get("FinalMetricDataList") or ()
            if metric["MetricName"] == self.objective["MetricName"]
        ]
        return float(values[-1]) if values else None

    @property
    def objective_status(self) -> str:
        """Return Pending, Succeeded or Failed."""
        if self.status in {"InProgress", "Stopping"}:
            return "Pending"
        return "Failed" if self.value is None else "Succeeded"

    def beats(self, other: Trial | None) -> bool:
        """Tell whether it is better than another; one without a value never is."""
        if self.value is None:
            return False
        if other is None or other.value is None:
            return True
        return self.value > other.value if self.objective["Type"] == "Maximize" else self.value < other.value

    def summary(self, tuning: str, *, is_best: bool = False) -> dict[str, Any]:
        """Return the summary that lists have; the best one of a description also says the objective's type."""
        found = {
            name: self.described[name]
            for name in ("TrainingJobArn", "CreationTime", "TrainingStartTime", "TrainingEndTime", "FailureReason")
            if name in self.described
        }
        found |= {
            "TrainingJobName": self.name,
            "TrainingJobStatus": self.status,
            "TunedHyperParameters": dict(self.point),
            "ObjectiveStatus": self.objective_status,
            "TuningJobName": tuning,
        }
        if "DefinitionName" in self.definition:
            found["TrainingJobDefinitionName"] = self.definition["DefinitionName"]
        if self.value is not None:
            metric = {"MetricName": self.objective["MetricName"], "Value": self.value}
            kind = {"Type": self.objective["Type"]} if is_best else {}
            found["FinalHyperParameterTuningJobObjectiveMetric"] = metric | kind
        return found

    def request(self, tags: list[dict[str, str]]) -> dict[str, Any]:
        """Return the CreateTrainingJob of it."""
        definition = self.definition
        static = definition.get("StaticHyperParameters") or {}
        asked = {name: definition[name] for name in _TAKEN if definition.get(name) is not None}
        if (cluster := definition.get("HyperParameterTuningResourceConfig")) and "ResourceConfig" not in asked:
            asked["ResourceConfig"] = _machines(cluster)
        return asked | {
            "TrainingJobName": self.name,
            "AlgorithmSpecification": _algorithm(definition["AlgorithmSpecification"]),
            "HyperParameters": {**static, **dict(self.point), OBJECTIVE: self.objective["MetricName"]},
            "Tags": tags,
        }


def _algorithm(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _machines(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first choice of a tuning job's machines, as a training job asks for them."""
    first = (cluster.get("InstanceConfigs") or [cluster])[0]
    kept = {"VolumeKmsKeyId": cluster["VolumeKmsKeyId"]} if cluster.get("VolumeKmsKeyId") else {}
    return kept | {name: first[name] for name in ("InstanceType", "InstanceCount", "VolumeSizeInGB") if name in first}
