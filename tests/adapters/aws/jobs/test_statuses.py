"""What describe calls answer, as our status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mlops_ci.adapters.aws.jobs.statuses import (
    billed,
    cause_of,
    is_silent,
    processing_status,
    training_status,
    transform_status,
)
from mlops_ci.ports.jobs import Failed, FailureCause, Running, Stopped, Succeeded

BEGAN = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def training(status: str, secondary: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - members of an answer
    turns = [("Starting", 0, 60), ("Downloading", 60, 80), ("Training", 80, 170.5), ("Uploading", 170.5, 180)]
    return {
        "TrainingJobStatus": status,
        "SecondaryStatus": secondary or status,
        "CreationTime": BEGAN,
        "TrainingStartTime": after(60),
        "TrainingEndTime": after(180),
        "StoppingCondition": {"MaxRuntimeInSeconds": 90, "MaxWaitTimeInSeconds": 120},
        "SecondaryStatusTransitions": [
            {"Status": name, "StartTime": after(start), "EndTime": after(end)} for name, start, end in turns
        ],
        **more,
    }


def test_a_success_tells_when_it_ran_and_how_long_its_container_did() -> None:
    assert training_status(training("Completed")) == Succeeded(
        "2026-01-02T03:05:05.678Z", "2026-01-02T03:07:05.678Z", 90.5
    )


def test_all_turns_of_a_spot_job_count() -> None:
    about = training("Completed")
    about["SecondaryStatusTransitions"].append({"Status": "Training", "StartTime": after(200), "EndTime": after(210)})
    found = training_status(about)
    assert isinstance(found, Succeeded)
    assert found.seconds == 100.5


@pytest.mark.parametrize("status", ["InProgress", "Stopping", "Deleting"])
def test_what_has_not_ended_runs(status: str) -> None:
    assert training_status(training(status)) == Running()


def test_what_somebody_stopped_is_stopped_and_what_ran_too_long_failed() -> None:
    assert isinstance(training_status(training("Stopped")), Stopped)
    found = training_status(training("Stopped", "MaxRuntimeExceeded"))
    assert isinstance(found, Failed)
    assert (found.cause, found.detail) == (FailureCause.MAX_RUNTIME, "it was stopped after 90 s")


def test_spot_that_never_had_capacity_did_not_start_and_spot_that_lost_it_is_lost() -> None:
    never = training("Stopped", "MaxWaitTimeExceeded", SecondaryStatusTransitions=[])
    del never["TrainingStartTime"]
    found = training_status(never)
    assert isinstance(found, Failed)
    assert (found.cause, found.detail) == (FailureCause.NOT_STARTED, "there was no spot capacity within 120 s")
    assert found.seconds == 0.0
    lost = training_status(training("Stopped", "MaxWaitTimeExceeded"))
    assert isinstance(lost, Failed)
    assert lost.cause is FailureCause.LOST


REASONS = {
    "AlgorithmError: ExecuteUserScriptError: ExitCode 1": FailureCause.EXIT,
    "AlgorithmError: , exit code: 137": FailureCause.OUT_OF_MEMORY,
    "AlgorithmError: torch.cuda.OutOfMemoryError: CUDA out of memory.": FailureCause.OUT_OF_MEMORY,
    "ClientError: Please use an instance type with more memory": FailureCause.OUT_OF_MEMORY,
    "CapacityError: Unable to provision requested ML compute capacity.": FailureCause.NOT_STARTED,
    "ClientError: Data download failed: no objects match": FailureCause.NOT_STARTED,
    "ClientError: Artifact upload failed: Access Denied": FailureCause.OUTPUT,
    "AlgorithmError: InstallRequirementsError: pip": FailureCause.ENVIRONMENT,
    "InternalServerError: We encountered an internal error. Please try again.": FailureCause.LOST,
}


@pytest.mark.parametrize(("reason", "cause"), REASONS.items())
def test_the_reason_tells_the_cause(reason: str, cause: FailureCause) -> None:
    assert cause_of(reason) is cause


def test_a_failure_says_its_reason_in_one_line() -> None:
    found = training_status(training("Failed", FailureReason="AlgorithmError: one\n  two"))
    assert isinstance(found, Failed)
    assert found.detail == "one two"
    silent = training_status(training("Failed"))
    assert isinstance(silent, Failed)
    assert silent.detail == "SageMaker gives no reason"


def test_billed_seconds_are_of_all_instances() -> None:
    assert billed({"BillableTimeInSeconds": 27, "ResourceConfig": {"InstanceCount": 2}}) == 54.0
    assert billed({}) is None


def other(word: str, status: str, seconds: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    times = {f"{word}StartTime": after(10), f"{word}EndTime": after(10 + seconds)}
    return {f"{word}JobStatus": status, "CreationTime": BEGAN, **times, **more}


def test_processing_that_is_stopped_at_its_bound_ran_too_long_and_before_it_was_stopped() -> None:
    bound = {"StoppingCondition": {"MaxRuntimeInSeconds": 60}}
    late = processing_status(other("Processing", "Stopped", 60.2, **bound))
    assert isinstance(late, Failed)
    assert late.cause is FailureCause.MAX_RUNTIME
    assert isinstance(processing_status(other("Processing", "Stopped", 5, **bound)), Stopped)
    assert processing_status(other("Processing", "InProgress", 5)) == Running()


def test_a_processing_failure_says_what_the_container_wrote() -> None:
    said = other("Processing", "Failed", 5, FailureReason="AlgorithmError: see", ExitMessage="no churners")
    found = processing_status(said)
    assert isinstance(found, Failed)
    assert found.detail == "see no churners"


def test_a_transform_is_judged_by_the_bound_it_was_given() -> None:
    late = transform_status(other("Transform", "Stopped", 61), 60)
    assert isinstance(late, Failed)
    assert late.cause is FailureCause.MAX_RUNTIME
    assert isinstance(transform_status(other("Transform", "Stopped", 61), None), Stopped)
    assert isinstance(transform_status(other("Transform", "Completed", 61), 60), Succeeded)


@pytest.mark.parametrize(
    ("reason", "is_empty"),
    [
        ('ExecuteUserScriptError: ExitCode 1 ErrorMessage "" Command "/bin/python3 fit.py --n 1", exit code: 1', True),
        ('ExecuteUserScriptError: Command "/miniconda3/bin/python -m fit --n 1", exit code: 1', True),
        ("AlgorithmError: See job logs for more information", True),
        ('ExecuteUserScriptError: ExitCode 1 ErrorMessage "ValueError: no" Command "/bin/python3 fit.py"', False),
        ("no churners in the data", False),
    ],
)
def test_a_toolkit_that_does_not_look_at_what_a_script_wrote_says_nothing_of_it(reason: str, is_empty: bool) -> None:
    """The words are those of `_CalledProcessError` in sagemaker-training and in sagemaker-containers."""
    assert is_silent(reason) is is_empty
