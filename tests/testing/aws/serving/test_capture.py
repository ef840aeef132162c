"""Data capture leaves the files in S3 that Model Monitor reads."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.testing.aws.serving.worlds import World

FILE = re.compile(r"captured/(?P<endpoint>[^/]+)/AllTraffic/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl")


def capturing(percentage: int, *, modes: tuple[str, ...] = ("Input", "Output"), **more: object) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": percentage,
        "DestinationS3Uri": "s3://models/captured",
        "CaptureOptions": [{"CaptureMode": mode} for mode in modes],
        **more,
    }


def endpoint(world: World, name: str, asked: dict[str, Any]) -> str:
    world.put_model(name, {"factor.json": "2", "code/inference.py": MODEL})
    return world.serving(name, world.config(name, name, DataCaptureConfig=asked))


MODEL = """
import json

def model_fn(model_dir):
    return 2

def transform_fn(model, data, content_type, accept):
    return json.dumps([2 * float(line) for line in data.splitlines()]), accept
"""


def captured(world: World, name: str) -> list[dict[str, Any]]:
    s3, found = world.client("s3"), []
    for entry in s3.list_objects_v2(Bucket="models", Prefix=f"captured/{name}/").get("Contents", []):
        assert FILE.fullmatch(entry["Key"]), entry["Key"]
        body = s3.get_object(Bucket="models", Key=entry["Key"])["Body"].read().decode()
        found += [json.loads(line) for line in body.splitlines()]
    return found


def waited(world: World, name: str, count: int) -> list[dict[str, Any]]:
    end = time.monotonic() + 10
    while len(found := captured(world, name)) < count:
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return found


def test_a_request_and_its_answer_are_written_in_sagemakers_form_within_seconds(world: World) -> None:
    types = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
    endpoint(world, "captures", capturing(100, CaptureContentTypeHeader=types))
    world.invoke("captures", b"1\n2", CustomAttributes="trace-1", InferenceId="mine")
    [line] = waited(world, "captures", 1)
    about = line.pop("eventMetadata")
    assert re.fullmatch(r"[0-9a-f-]{36}", about["eventId"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", about["inferenceTime"])
    assert about["customAttributes"] == ["trace-1"]
    assert about["inferenceId"] == "mine"
    assert line == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv", "mode": "INPUT", "data": "1\n2", "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "application/json", "mode": "OUTPUT", "data": "[2.0, 4.0]", "encoding": "JSON",
            },
        },
        "eventVersion": "0",
    }  # fmt: skip
    summary = world.described("captures")["DataCaptureConfig"]
    assert summary["EnableCapture"] is True
    assert summary["CaptureStatus"] == "Started"
    assert summary["CurrentSamplingPercentage"] == 100
    assert summary["DestinationS3Uri"] == "s3://models/captured"


def test_content_types_that_are_not_listed_are_captured_in_base64_and_a_key_encrypts(world: World) -> None:
    key = world.client("kms").create_key()["KeyMetadata"]["KeyId"]
    endpoint(world, "encodes", capturing(100, modes=("Input",), KmsKeyId=key))
    world.invoke("encodes", b"1\n2")
    [line] = waited(world, "encodes", 1)
    assert set(line["captureData"]) == {"endpointInput"}
    side = line["captureData"]["endpointInput"]
    assert side["encoding"] == "BASE64"
    assert base64.b64decode(side["data"]) == b"1\n2"
    [entry] = world.client("s3").list_objects_v2(Bucket="models", Prefix="captured/encodes/")["Contents"]
    about = world.client("s3").head_object(Bucket="models", Key=entry["Key"])
    assert about["ServerSideEncryption"] == "aws:kms"
    assert key in about["SSEKMSKeyId"]


def test_a_sample_is_kept_refused_requests_are_not_and_a_deletion_writes_the_rest(world: World) -> None:
    endpoint(world, "samples", capturing(25))
    for _ in range(20):
        world.invoke("samples", b"1")
    with pytest.raises(ClientError):
        world.invoke("samples", b"no number")
    world.sagemaker.delete_endpoint(EndpointName="samples")
    assert len(waited(world, "samples", 5)) == 5


def test_what_was_captured_before_an_update_is_not_lost_and_afterwards_the_new_config_counts(world: World) -> None:
    endpoint(world, "switches", capturing(100))
    world.invoke("switches", b"1")
    world.config("switches-off", "switches")
    world.sagemaker.update_endpoint(EndpointName="switches", EndpointConfigName="switches-off")
    assert "DataCaptureConfig" not in world.settled("switches")
    world.invoke("switches", b"1")
    assert len(waited(world, "switches", 1)) == 1
    time.sleep(1.5)  # longer than anything waits to be written
    assert len(captured(world, "switches")) == 1


def test_a_destination_that_is_not_there_is_told_in_the_log_and_costs_no_answer(world: World) -> None:
    endpoint(world, "nowhere", {**capturing(100), "DestinationS3Uri": "s3://no-such-bucket/x"})
    world.invoke("nowhere", b"1")
    logs, group, end = world.client("logs"), "/aws/sagemaker/Endpoints/nowhere", time.monotonic() + 10
    while "no-such-bucket" not in str(logs.filter_log_events(logGroupName=group)["events"]):
        assert time.monotonic() < end
        time.sleep(0.1)
