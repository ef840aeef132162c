"""`CreateHyperParameterTuningJob`: the search of a candidate, whose trials are trainings as a training is."""

from __future__ import annotations

import json
from typing import Any

from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.adapters.aws.requests.training import Placed, kept, training_request
from mlops_ci.model import NumberType, Range, Scale, Strategy
from mlops_ci.ports.tuning import TuningJob

SHORTEST = 120
"""Seconds that SageMaker lets a tuning job have at least."""

_DEFINED = (
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "EnableManagedSpotTraining",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "Environment",
    "VpcConfig",
    "RetryStrategy",
)
"""What the definition of the trials has of a training's request.

No checkpoints: a definition has one place for those of all its trials, and the API does not say that each trial gets
its own below it. A trial must not begin with what another one learned.
"""


def tuning_request(job: TuningJob, name: str, placed: Placed, terms: Terms) -> Request:
    """Return the request that starts a tuning job under a name. Its tags are those of its trainings, too."""
    training = training_request(job.training, name, placed, terms)
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": job.strategy.value.title(),
            "HyperParameterTuningJobObjective": {"Type": job.goal.value.title(), "MetricName": job.metric},
            "ResourceLimits": _limits(job),
            "ParameterRanges": _ranges(job.ranges, is_script=bool(job.training.entry)),
            "TrainingJobEarlyStoppingType": "Off",
            "RandomSeed": job.seed,
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": training["HyperParameters"],
            **{member: training[member] for member in _DEFINED if member in training},
        },
        "Tags": training["Tags"],
    }


def chosen(value: str) -> str:
    """Return a hyperparameter that SageMaker chose, as a script is given it: what `kept` put in quotes, without."""
    if not value.startswith('"'):
        return value
    try:
        read = json.loads(value)
    except ValueError:
        return value
    return read if isinstance(read, str) else value


def _limits(job: TuningJob) -> dict[str, int]:
    """Return how much is tried; of a grid SageMaker counts the combinations itself."""
    count = {} if job.strategy is Strategy.GRID else {"MaxNumberOfTrainingJobs": job.trials}
    longest = job.budget.max_runtime
    return {
        **count,
        "MaxParallelTrainingJobs": min(job.budget.parallel, job.trials),
        **({"MaxRuntimeInSeconds": max(SHORTEST, longest)} if longest is not None else {}),
    }


def _ranges(ranges: tuple[Range, ...], *, is_script: bool) -> Request:
    found: dict[str, list[Any]] = {}
    for one in ranges:
        if one.values:
            values = [_sent(str(value), is_script=is_script) for value in one.values]
            found.setdefault("CategoricalParameterRanges", []).append({"Name": one.name, "Values": values})
            continue
        kind = "Integer" if one.type is NumberType.INTEGER else "Continuous"
        scaling = "Logarithmic" if one.scale is Scale.LOG else "Linear"
        bounds = {"MinValue": str(one.min), "MaxValue": str(one.max)}
        found.setdefault(f"{kind}ParameterRanges", []).append({"Name": one.name, **bounds, "ScalingType": scaling})
    return found


def _sent(value: str, *, is_script: bool) -> str:
    """Return a value as the hyperparameters of a training have it: a script's are read by SageMaker's toolkit."""
    return kept(value) if is_script else value
