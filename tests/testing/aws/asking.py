"""boto3, as a user has it, against the loopback."""

from __future__ import annotations

import io
import json
import tarfile
import time
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3

from mlops_ci.testing.aws.loopback import Loopback

ROLE = "arn:aws:iam::123456789012:role/ml"


class Account:
    """Clients, and what most tests begin with."""

    def __init__(self, aws: Loopback) -> None:
        self.aws = aws
        keys = {"aws_access_key_id": "loopback", "aws_secret_access_key": "loopback"}
        self._session = boto3.session.Session(region_name="us-east-1", **keys)
        self.client = cache(lambda service: self._session.client(service, endpoint_url=aws.url))

    @property
    def sagemaker(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return self.client("sagemaker")

    def bucket(self, **files: bytes | str) -> str:
        """Return a new bucket with these objects; `__` in a name is `/`, and `___` a dot."""
        name = f"bucket-{uuid.uuid4().hex[:12]}"
        self.client("s3").create_bucket(Bucket=name)
        for key, content in files.items():
            self.put(f"s3://{name}/{key.replace('___', '.').replace('__', '/')}", content)
        return name

    def put(self, uri: str, content: bytes | str) -> str:
        """Return the address of the object that was made."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return uri

    def read(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        found: bytes = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        found = self.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for entry in found.get("Contents", ())]

    def log(self, group: str, prefix: str) -> list[str]:
        """Return the lines of all streams that begin so."""
        logs = self.client("logs")
        lines: list[str] = []
        for stream in self.streams(group, prefix):
            found = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
            lines += [event["message"] for event in found["events"]]
        return lines

    def streams(self, group: str, prefix: str) -> list[str]:
        try:
            found = self.client("logs").describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)
        except self.client("logs").exceptions.ResourceNotFoundException:
            return []
        return [stream["logStreamName"] for stream in found["logStreams"]]

    def described(self, kind: str, name: str) -> dict[str, Any]:
        verb = getattr(self.sagemaker, f"describe_{kind.lower()}_job")
        found: dict[str, Any] = verb(**{f"{kind}JobName": name})
        return found

    def ended(self, kind: str, name: str, *, within: float = 60) -> dict[str, Any]:
        """Return the description of a job, once it has ended."""
        until = time.monotonic() + within
        while (found := self.described(kind, name))[f"{kind}JobStatus"] in {"InProgress", "Stopping"}:
            assert time.monotonic() < until, found
            time.sleep(0.03)
        return found


def archive(files: Mapping[str, bytes | str]) -> bytes:
    """Return a tar.gz of these files."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as packed:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            data = content.encode() if isinstance(content, str) else content
            entry.size = len(data)
            packed.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Return the files of a tar.gz."""
    with tarfile.open(fileobj=io.BytesIO(content)) as packed:
        return {m.name: (packed.extractfile(m) or io.BytesIO()).read() for m in packed.getmembers() if m.isfile()}


def channel(name: str, uri: str, **more: str) -> dict[str, Any]:
    """Return a channel; `more` is of its S3 source."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"} | more
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def training(account: Account, script: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - members of a request
    """Return a training request in script mode, with a bucket of its own; `hyperparameters` come besides."""
    bucket = account.bucket()
    code = account.put(f"s3://{bucket}/code/sourcedir.tar.gz", archive({"train.py": script}))
    given = {"sagemaker_program": "train.py", "sagemaker_submit_directory": code} | more.pop("hyperparameters", {})
    return {
        "TrainingJobName": f"job-{uuid.uuid4().hex[:12]}",
        "RoleArn": ROLE,
        "AlgorithmSpecification": {
            "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
            "TrainingInputMode": "File",
        },
        "HyperParameters": {name: value if value == code else json.dumps(value) for name, value in given.items()},
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    } | more
