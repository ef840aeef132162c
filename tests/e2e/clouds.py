"""The loopback AWS under whole projects: what it is given, and what stands in it."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.tiny import Tiny

ROLE = "arn:aws:iam::123456789012:role/mlops-ci"
ENDED = {"Completed", "Failed", "Stopped"}


def prepared(aws: Loopback) -> Loopback:
    """Return the session's loopback with a bucket in it; what stands there by now is nobody's that comes after.

    Only one can run in a process, so each module's tests share it.
    """
    s3 = client(aws, "s3")
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket="models")
    aws.faults.clear()
    aws.traffic.reset()
    _BEFORE[aws.url] = _standing(aws)
    return aws


def client(aws: Loopback, service: str) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
    return _client(aws.url, service)


@cache
def _client(url: str, service: str) -> Any:  # noqa: ANN401 - as above
    """Return what all tests of a process share: making one takes longer than asking it."""
    return boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test").client(  # noqa: S106
        service, endpoint_url=url, region_name="us-east-1"
    )


def in_cloud(made: Tiny, aws: Loopback, prefix: str) -> Tiny:
    """Return the project, whose own target is now an account; what else its file says stays."""
    text = (made.folder / "mlops-ci.yaml").read_text().replace("target: local\n", "target: cloud\n")
    block = f"targets:\n  cloud: {{kind: aws, store: 's3://models/{prefix}', role: '{ROLE}', tags: {{team: tests}}}}\n"
    (made.folder / "mlops-ci.yaml").write_text(text.replace("targets:\n", block))
    know_images(made.folder)
    return Tiny(made.folder, {**made.environment, **aws.environment(), "MLOPS_CI_AWS_POLL": "0.1"})


def know_images(folder: Path) -> None:
    """Have a checkout remember what an earlier one of this process looked up in the tables of SageMaker's images.

    A checkout does that once, and importing the tables takes longer than all else that most of these tests do.
    """
    mine = folder / ".mlops-ci/cache/images.json"
    kept = next((path for path in reversed(_IMAGES) if path.exists()), None)
    if kept:
        mine.parent.mkdir(parents=True, exist_ok=True)
        mine.write_bytes(kept.read_bytes())
    _IMAGES.append(mine)


_IMAGES: list[Path] = []
_BEFORE: dict[str, dict[str, list[str]]] = {}
"""What stood when a loopback began, by its address: moto's state is the process's, and other tests leave things."""


def standing(aws: Loopback) -> dict[str, list[str]]:
    """Return the names of all that costs money or is in somebody's way: what a test leaves must not be there."""
    before = _BEFORE.get(aws.url, NOTHING)
    return {kind: [name for name in names if name not in before[kind]] for kind, names in _standing(aws).items()}


def _standing(aws: Loopback) -> dict[str, list[str]]:
    sagemaker = client(aws, "sagemaker")
    jobs = [
        (job["TrainingJobName"], job["TrainingJobStatus"])
        for job in sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
    ]
    jobs += [
        (job["ProcessingJobName"], job["ProcessingJobStatus"])
        for job in sagemaker.list_processing_jobs(MaxResults=100)["ProcessingJobSummaries"]
    ]
    jobs += [
        (job["TransformJobName"], job["TransformJobStatus"])
        for job in sagemaker.list_transform_jobs(MaxResults=100)["TransformJobSummaries"]
    ]
    jobs += [
        (job["HyperParameterTuningJobName"], job["HyperParameterTuningJobStatus"])
        for job in sagemaker.list_hyper_parameter_tuning_jobs(MaxResults=100)["HyperParameterTuningJobSummaries"]
    ]
    return {
        "jobs": [name for name, status in jobs if status not in ENDED],
        "endpoints": [found["EndpointName"] for found in sagemaker.list_endpoints()["Endpoints"]],
        "configs": [found["EndpointConfigName"] for found in sagemaker.list_endpoint_configs()["EndpointConfigs"]],
        "models": [found["ModelName"] for found in sagemaker.list_models()["Models"]],
        "alarms": [found["AlarmName"] for found in client(aws, "cloudwatch").describe_alarms()["MetricAlarms"]],
    }


NOTHING: dict[str, list[str]] = {"jobs": [], "endpoints": [], "configs": [], "models": [], "alarms": []}


def rights_of(aws: Loopback) -> set[str]:
    """Return what was asked since the traffic was reset, as IAM names it."""
    renamed = {
        ("s3", "HeadObject"): "s3:GetObject",
        ("s3", "ListObjectsV2"): "s3:ListBucket",
        ("s3", "ListObjectVersions"): "s3:ListBucketVersions",
        ("sagemaker-runtime", "InvokeEndpoint"): "sagemaker:InvokeEndpoint",
    }
    return {renamed.get(call, f"{call[0]}:{call[1]}") for call in aws.traffic.calls}
