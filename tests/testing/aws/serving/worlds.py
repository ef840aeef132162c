"""A loopback AWS with a bucket, clients of it, and small models to serve."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from mlops_ci.testing.aws.loopback import Loopback

ROLE = "arn:aws:iam::123456789012:role/runs-jobs"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"

TIMES = """
import json, os, time

def model_fn(model_dir):
    print("loading from", model_dir, flush=True)
    with open(os.path.join(model_dir, "factor.json")) as file:
        return json.load(file)

def input_fn(data, content_type):
    return [float(line) for line in data.splitlines()]

def predict_fn(rows, factor):
    time.sleep(float(os.environ.get("DELAY", "0")))
    return [factor * row for row in rows]

def output_fn(predictions, accept):
    return json.dumps(predictions)
"""
"""Multiplies every number by the model's factor."""

FAILS = TIMES.replace("return [factor", "raise ValueError('this one always fails')\n    return [factor")
NEVER = TIMES.replace('print("loading', 'raise OSError("no such luck")\n    print("loading')


@dataclass(frozen=True, slots=True)
class World:
    """The loopback and its clients."""

    aws: Loopback
    client: Callable[[str], Any]

    @property
    def sagemaker(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        """Return the client of the control plane."""
        return self.client("sagemaker")

    def model(self, name: str, *, factor: float = 1.0, code: str = TIMES, **environment: str) -> str:
        """Make a model and an endpoint config of the same name, and return it."""
        self.put_model(name, {"factor.json": json.dumps(factor), "code/inference.py": code}, **environment)
        self.config(name, name)
        return name

    def put_model(self, name: str, files: Mapping[str, str | bytes], program: str = "inference.py", **env: str) -> None:
        """Make a model of an archive."""
        self.client("s3").put_object(Bucket="models", Key=f"{name}/model.tar.gz", Body=archive(files))
        entry = {"SAGEMAKER_PROGRAM": program, "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"} if program else {}
        container = {
            "Image": IMAGE,
            "ModelDataUrl": f"s3://models/{name}/model.tar.gz",
            "Environment": {**entry, **env},
        }
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)

    def config(self, name: str, model: str, *, count: int = 1, variant: str = "AllTraffic", **more: Any) -> str:  # noqa: ANN401
        """Make an endpoint config of one variant, and return its name."""
        production: dict[str, Any] = {"VariantName": variant, "ModelName": model, "InstanceType": "ml.m5.large"}
        production |= {"InitialInstanceCount": count}
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[production], **more)
        return name

    def serving(self, name: str, config: str) -> str:
        """Make an endpoint, and return its name when it is in service."""
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        found = self.settled(name)
        assert found["EndpointStatus"] == "InService", found
        return name

    def described(self, name: str) -> dict[str, Any]:
        """Return what DescribeEndpoint says."""
        found: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName=name)
        return found

    def settled(self, name: str, within: float = 60.0) -> dict[str, Any]:
        """Return what is said of an endpoint when it is on its way no more."""
        return self.until(name, lambda said: not said["EndpointStatus"].endswith(("ing", "ingBack")), within)

    def until(self, name: str, holds: Callable[[dict[str, Any]], bool], within: float = 60.0) -> dict[str, Any]:
        """Return what is said of an endpoint as soon as it is so."""
        end = time.monotonic() + within
        while not holds(found := self.described(name)):
            assert time.monotonic() < end, found
            time.sleep(0.02)
        return found

    def invoke(self, name: str, body: bytes = b"1", **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the answer of an endpoint."""
        asked = {"ContentType": "text/csv", **more}
        answer: dict[str, Any] = self.client("sagemaker-runtime").invoke_endpoint(EndpointName=name, Body=body, **asked)
        return answer

    def predicted(self, name: str, body: bytes = b"1") -> list[float]:
        """Return an endpoint's predictions."""
        found: list[float] = json.loads(self.invoke(name, body)["Body"].read())
        return found


def world(aws: Loopback) -> World:
    """Return the world of a server, with its bucket."""

    @cache
    def client(service: str) -> Any:  # noqa: ANN401
        return boto3.client(
            service,
            endpoint_url=aws.url,
            region_name="us-east-1",
            aws_access_key_id="loopback",
            aws_secret_access_key="loopback",  # noqa: S106
            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=32),
        )

    client("s3").create_bucket(Bucket="models")
    return World(aws, client)


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """Return a tar.gz of these files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            data = content.encode() if isinstance(content, str) else content
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return made.getvalue()
