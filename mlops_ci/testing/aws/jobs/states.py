"""What a job's first and last state say besides its status."""

from __future__ import annotations

from typing import Any

from mlops_ci.testing.aws.jobs.kinds import TRAINING
from mlops_ci.testing.aws.jobs.record import Record, now

_SAID = {
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


def first_state(record: Record) -> dict[str, Any]:
    """Return the members that a job has from Create on."""
    if record.kind != TRAINING:
        return {}
    artifacts = {"S3ModelArtifacts": f"{output_of(record)}/model.tar.gz"}
    history = record.transition("Starting", "Preparing the instances for training")
    return {"ModelArtifacts": artifacts, "SecondaryStatus": "Starting", **history}


def output_of(record: Record) -> str:
    """Return the address below which a training leaves its archives."""
    return f"{record.request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{record.name}/output"


def last_state(record: Record, status: str, state: dict[str, Any]) -> dict[str, Any]:
    """Return the members that come with a last status: when it ended, and of a training how long it took."""
    ended = now()
    kind = record.kind
    found: dict[str, Any] = {kind.end: ended, **state}
    if kind != TRAINING:
        return found
    secondary = state.get("SecondaryStatus", status)
    found |= {"SecondaryStatus": secondary, **record.transition(secondary, _SAID[secondary])}
    found["SecondaryStatusTransitions"][-1]["EndTime"] = ended
    began = record.described().get(kind.start)
    if began is not None:
        seconds = max(1, round((ended - began).total_seconds()))
        found |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
    return found
