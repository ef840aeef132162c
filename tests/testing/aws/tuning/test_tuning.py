"""Tuning jobs whose trials really train."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from tests.testing.aws.asking import Account, training

SCRIPT = (
    "import argparse, os\n"
    "parser = argparse.ArgumentParser()\n"
    "parser.add_argument('--rate', type=float)\n"
    "parser.add_argument('--kind', default='good')\n"
    "given = parser.parse_args()\n"
    "if given.kind == 'bad': raise SystemExit(3)\n"
    "print(f'score={given.rate}')\n"
)
RATES = {"CategoricalParameterRanges": [{"Name": "rate", "Values": ["3", "1", "2"]}]}


def asked(account: Account, *, strategy: str = "Grid", script: str = SCRIPT, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    definition = training(account, script)
    for name in ("TrainingJobName", "Tags"):
        definition.pop(name, None)
    definition["StaticHyperParameters"] = definition.pop("HyperParameters")
    definition["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "score", "Regex": "score=([0-9.]+)"}]
    config: dict[str, Any] = {
        "Strategy": strategy,
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
        "ResourceLimits": {"MaxParallelTrainingJobs": 2},
        "ParameterRanges": RATES,
    }
    return {
        "HyperParameterTuningJobName": f"tune-{uuid.uuid4().hex[:8]}",
        "HyperParameterTuningJobConfig": config | more,
        "TrainingJobDefinition": definition,
        "Tags": [{"Key": "team", "Value": "search"}],
    }


def look(account: Account, request: dict[str, Any]) -> dict[str, Any]:
    name = request["HyperParameterTuningJobName"]
    return dict(account.sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name))


def ended(account: Account, request: dict[str, Any], within: float = 60) -> dict[str, Any]:
    until = time.monotonic() + within
    while (found := look(account, request))["HyperParameterTuningJobStatus"] in {"InProgress", "Stopping"}:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found


def trials(account: Account, request: dict[str, Any], **how: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    name = request["HyperParameterTuningJobName"]
    pages = account.sagemaker.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
    return [
        one for page in pages.paginate(HyperParameterTuningJobName=name, **how) for one in page["TrainingJobSummaries"]
    ]


def test_a_grid_trains_every_point_and_finds_the_best(account: Account) -> None:
    request = asked(account)
    account.sagemaker.create_hyper_parameter_tuning_job(**request)
    began = look(account, request)
    assert began["HyperParameterTuningJobStatus"] == "InProgress"
    assert "BestTrainingJob" not in began
    found = ended(account, request)
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert found["TrainingJobStatusCounters"]["Completed"] == 3
    assert found["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    best = found["BestTrainingJob"]
    assert best["TunedHyperParameters"] == {"rate": "3"}
    metric = {"Type": "Maximize", "MetricName": "score", "Value": 3.0}
    assert best["FinalHyperParameterTuningJobObjectiveMetric"] == metric
    job = account.described("Training", best["TrainingJobName"])
    assert job["HyperParameters"]["_tuning_objective_metric"] == "score"
    assert account.sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"] == request["Tags"]
    by_value = trials(account, request, SortBy="FinalObjectiveMetricValue", SortOrder="Descending", MaxResults=2)
    assert [one["TunedHyperParameters"]["rate"] for one in by_value] == ["3", "2", "1"]
    names = [one["TrainingJobName"] for one in trials(account, request, SortBy="CreationTime", SortOrder="Ascending")]
    assert [name[: -len("-00000000")] for name in names] == [
        f"{request['HyperParameterTuningJobName']}-{number:03}" for number in (1, 2, 3)
    ]
    listed = account.sagemaker.list_hyper_parameter_tuning_jobs(NameContains=request["HyperParameterTuningJobName"])
    assert [one["HyperParameterTuningJobStatus"] for one in listed["HyperParameterTuningJobSummaries"]] == ["Completed"]


def test_the_number_of_trials_and_how_many_run_at_a_time_are_kept(account: Account) -> None:
    ranges = {"ContinuousParameterRanges": [{"Name": "rate", "MinValue": "0", "MaxValue": "1"}]}
    limits = {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 1}
    objective = {"Type": "Minimize", "MetricName": "score"}
    request = asked(
        account, strategy="Random", ParameterRanges=ranges, ResourceLimits=limits, RandomSeed=1,
        HyperParameterTuningJobObjective=objective,
    )  # fmt: skip
    account.sagemaker.create_hyper_parameter_tuning_job(**request)
    most = 0
    while look(account, request)["HyperParameterTuningJobStatus"] == "InProgress":
        most = max(most, look(account, request)["TrainingJobStatusCounters"]["InProgress"])
        time.sleep(0.02)
    assert most == 1
    found = ended(account, request)
    values = {float(one["TunedHyperParameters"]["rate"]) for one in trials(account, request)}
    assert len(values) == 3
    assert float(found["BestTrainingJob"]["TunedHyperParameters"]["rate"]) == min(values)


def test_a_trial_that_fails_is_told_and_the_others_go_on(account: Account) -> None:
    ranges = {
        "CategoricalParameterRanges": [{"Name": "kind", "Values": ["bad", "good"]}, {"Name": "rate", "Values": ["1"]}]
    }
    request = asked(account, ParameterRanges=ranges)
    account.sagemaker.create_hyper_parameter_tuning_job(**request)
    found = ended(account, request)
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert found["TrainingJobStatusCounters"]["NonRetryableError"] == 1
    (failed,) = trials(account, request, StatusEquals="Failed")
    assert (failed["ObjectiveStatus"], failed["TunedHyperParameters"]["kind"]) == ("Failed", "bad")
    assert "AlgorithmError" in failed["FailureReason"]


def test_where_no_trial_succeeds_the_job_fails(account: Account) -> None:
    request = asked(account, script="raise SystemExit(1)")
    account.sagemaker.create_hyper_parameter_tuning_job(**request)
    found = ended(account, request)
    assert found["HyperParameterTuningJobStatus"] == "Failed"
    assert found["FailureReason"].startswith("No training job succeeded after 3 attempts.")


def test_a_stop_ends_the_trials_that_run(account: Account) -> None:
    request = asked(account, script="import time; time.sleep(60)")
    account.sagemaker.create_hyper_parameter_tuning_job(**request)
    named = {"HyperParameterTuningJobName": request["HyperParameterTuningJobName"]}
    until = time.monotonic() + 20
    while look(account, request)["TrainingJobStatusCounters"]["InProgress"] < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    account.sagemaker.stop_hyper_parameter_tuning_job(**named)
    found = ended(account, request)
    assert found["HyperParameterTuningJobStatus"] == "Stopped"
    assert found["TrainingJobStatusCounters"]["Stopped"] == 2
    with pytest.raises(account.sagemaker.exceptions.ClientError, match="is in status Stopped"):
        account.sagemaker.stop_hyper_parameter_tuning_job(**named)
    with pytest.raises(account.sagemaker.exceptions.ResourceInUse):
        account.sagemaker.create_hyper_parameter_tuning_job(**request)
