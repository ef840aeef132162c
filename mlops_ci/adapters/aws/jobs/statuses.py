"""What a describe call answers about a job, as our status: pure functions of the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from mlops_ci.ports.jobs import Failed, FailureCause, JobStatus, Running, Stopped, Succeeded

Description: TypeAlias = Mapping[str, Any]

_SILENT = re.compile(
    r'See job logs for more information$|\bErrorMessage ""|^ExecuteUserScriptError: Command "[^"]*"(, exit code: \d+)?$'
)
"""What SageMaker says of a batch transform whose container answered with an error; and the toolkits of scikit-learn and
XGBoost of a script that failed: they do not look at what it wrote."""

_LONGEST = 1000
_CAUSES = (
    (FailureCause.OUT_OF_MEMORY, r"out of memory|OutOfMemory|MemoryError|more memory|exit code:? 137|ExitCode 137"),
    (FailureCause.NOT_STARTED, r"^CapacityError|InsufficientCapacity|CannotStartContainer|^ClientError: Data download"),
    (FailureCause.NOT_STARTED, r"^ClientError: .*[Ii]mage.*(pull|not found|does not exist)"),
    (FailureCause.OUTPUT, r"^ClientError: (Artifact|Output) upload|No space left on device"),
    (FailureCause.ENVIRONMENT, r"Install(Requirements|Module)Error"),
    (FailureCause.MAX_RUNTIME, r"exceeded? (the )?MaxRuntimeInSeconds|MaxRuntimeExceeded"),
    (FailureCause.LOST, r"^InternalServerError"),
)  # fmt: skip
"""Tried in this order; what fits none is the script's own end."""


def training_status(about: Description) -> JobStatus:
    """Return the status of a training job, from DescribeTrainingJob.

    One that ran too long is `Stopped` to SageMaker, and so is a spot job that had no capacity for too long.
    """
    times = _times(about, "TrainingStartTime", "TrainingEndTime", _trained(about))
    match about["TrainingJobStatus"], about.get("SecondaryStatus", ""):
        case "Completed", _:
            return Succeeded(*times)
        case "Stopped", "MaxRuntimeExceeded":
            longest = about.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", "?")
            return Failed(FailureCause.MAX_RUNTIME, f"it was stopped after {longest} s", *times)
        case "Stopped", "MaxWaitTimeExceeded":
            return _waited(about, times)
        case "Stopped", _:
            return Stopped(*times)
        case "Failed", _:
            return _failed(about, times)
        case _:
            return Running()


def processing_status(about: Description) -> JobStatus:
    """Return the status of a processing job, from DescribeProcessingJob."""
    times = _times(about, "ProcessingStartTime", "ProcessingEndTime", None)
    match about["ProcessingJobStatus"]:
        case "Completed":
            return Succeeded(*times)
        case "Stopped":
            return _stopped(about.get("StoppingCondition", {}).get("MaxRuntimeInSeconds"), times)
        case "Failed":
            said = " ".join((str(about.get("FailureReason", "")), str(about.get("ExitMessage", ""))))
            return _failed({"FailureReason": said}, times)
        case _:
            return Running()


def transform_status(about: Description, longest: float | None) -> JobStatus:
    """Return the status of a transform job, from DescribeTransformJob; `longest` seconds are what it was given."""
    times = _times(about, "TransformStartTime", "TransformEndTime", None)
    match about["TransformJobStatus"]:
        case "Completed":
            return Succeeded(*times)
        case "Stopped":
            return _stopped(longest, times)
        case "Failed":
            return _failed(about, times)
        case _:
            return Running()


def tuning_status(about: Description) -> JobStatus:
    """Return the status of a tuning job, from DescribeHyperParameterTuningJob; `seconds` are those until its end."""
    times = _times(about, "CreationTime", "HyperParameterTuningEndTime", None)
    match about["HyperParameterTuningJobStatus"]:
        case "Completed":
            return Succeeded(*times)
        case "Stopped":
            return Stopped(*times)
        case "Failed":
            return _failed(about, times)
        case _:
            return Running()


def billed(about: Description) -> float | None:
    """Return the seconds that a training job costs, of all its instances; None where SageMaker does not say."""
    seconds = about.get("BillableTimeInSeconds")
    if seconds is None:
        return None
    return float(seconds) * int(about.get("ResourceConfig", {}).get("InstanceCount") or 1)


def is_silent(detail: str) -> bool:
    """Return whether a reason does not tell what went wrong, so that the log must."""
    return _SILENT.search(detail) is not None


def cause_of(reason: str) -> FailureCause:
    """Return what SageMaker's FailureReason says of the kind of failure."""
    return next((cause for cause, pattern in _CAUSES if re.search(pattern, reason)), FailureCause.EXIT)


def moment(time: datetime) -> str:
    """Return a time as UTC, ISO 8601, milliseconds, ending in `Z`."""
    utc = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    return f"{utc.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


_Times: TypeAlias = tuple[str, str, float]


def _times(about: Description, start: str, end: str, seconds: float | None) -> _Times:
    """Return when it began and ended, and how many seconds its container ran; where it never did, 0."""
    created: datetime = about["CreationTime"]
    ended: datetime = about.get(end) or about.get("LastModifiedTime") or created
    began: datetime = about.get(start) or ended
    if seconds is None:
        seconds = max(0.0, (ended - began).total_seconds())
    return moment(min(began, ended)), moment(ended), round(seconds, 3)


def _trained(about: Description) -> float | None:
    """Return how long the container ran, with all of a spot job's turns; None where that is not said."""
    turns = [
        (turn["EndTime"] - turn["StartTime"]).total_seconds()
        for turn in about.get("SecondaryStatusTransitions", ())
        if turn["Status"] == "Training" and turn.get("EndTime")
    ]
    return sum(turns) if turns else None


def _waited(about: Description, times: _Times) -> JobStatus:
    longest = about.get("StoppingCondition", {}).get("MaxWaitTimeInSeconds", "?")
    if about.get("TrainingStartTime"):
        detail = f"its spot capacity was taken away, and none came back within {longest} s of waiting and running"
        return Failed(FailureCause.LOST, detail, *times)
    return Failed(FailureCause.NOT_STARTED, f"there was no spot capacity within {longest} s", *times)


def _stopped(longest: float | None, times: _Times) -> JobStatus:
    if longest is not None and times[2] >= longest:
        return Failed(FailureCause.MAX_RUNTIME, f"it was stopped after {longest:g} s", *times)
    return Stopped(*times)


def _failed(about: Description, times: _Times) -> JobStatus:
    reason = " ".join(str(about.get("FailureReason", "")).split())
    detail = reason.removeprefix("AlgorithmError: ")[:_LONGEST] or "SageMaker gives no reason"
    return Failed(cause_of(reason), detail, *times)
