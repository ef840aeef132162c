"""Requests over the socket: counted, checked, refused as AWS refuses."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.exceptions import ClientError

from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.traffic import Refusal
from tests.testing.aws.guard.clients import Clients
from tests.testing.aws.guard.requests import ROLE


@pytest.fixture(autouse=True)
def _quiet(aws: Loopback) -> None:
    aws.traffic.reset()


def test_a_wrong_name_is_refused_in_the_words_of_aws_and_remembered(aws: Loopback, clients: Clients) -> None:
    with pytest.raises(ClientError) as told:
        clients["sagemaker"].create_model(ModelName="refused_1", ExecutionRoleArn=ROLE)
    assert told.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "1 validation error detected: Value 'refused_1' at 'modelName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?",
    }
    assert told.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    (refusal,) = aws.traffic.refused
    assert refusal == Refusal("sagemaker", "CreateModel", refusal.problems)
    pages = clients["sagemaker"].get_paginator("list_models").paginate()
    assert "refused_1" not in [model["ModelName"] for page in pages for model in page["Models"]]


def test_a_region_that_is_none_answers_as_one_that_the_account_has_not_enabled(aws: Loopback) -> None:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    nowhere = boto3.session.Session(**keys).client("sagemaker", endpoint_url=aws.url, region_name="eu-wset-1")
    with pytest.raises(ClientError) as told:
        nowhere.list_models()
    assert told.value.response["Error"]["Code"] == "UnrecognizedClientException"


def test_two_errors_are_counted(raw: Clients) -> None:
    with pytest.raises(
        ClientError, match=r"2 validation errors detected: Value null at 'endpointName'.*; Value null at"
    ):
        raw["sagemaker"].create_endpoint()


@pytest.mark.parametrize(
    ("service", "call", "params", "code"),
    [
        ("codebuild", "batch_get_builds", {"ids": []}, "InvalidInputException"),
        ("ecr", "create_repository", {"repositoryName": "UPPER"}, "InvalidParameterException"),
        ("logs", "create_log_group", {"logGroupName": "a group"}, "InvalidParameterException"),
        (
            "application-autoscaling",
            "describe_scaling_policies",
            {"ServiceNamespace": "nowhere"},
            "ValidationException",
        ),
        ("cloudwatch", "describe_alarms", {"MaxRecords": 101}, "ValidationError"),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "a_b", "Body": b""}, "ValidationError"),
    ],
)
def test_each_service_has_its_own_code(
    aws: Loopback, raw: Clients, service: str, call: str, params: dict[str, object], code: str
) -> None:
    with pytest.raises(ClientError) as told:
        getattr(raw[service], call)(**params)
    assert told.value.response["Error"]["Code"] == code
    assert [refusal.service for refusal in aws.traffic.refused] == [service]


def test_calls_are_counted_by_service_and_operation(aws: Loopback, clients: Clients) -> None:
    clients["sagemaker"].list_endpoints()
    clients["cloudwatch"].list_metrics(Namespace="counted")  # of all that tests left, moto compares each with each
    clients["sts"].get_caller_identity()
    s3 = clients["s3"]
    s3.create_bucket(Bucket="counted")
    s3.put_object(Bucket="counted", Key="a/b", Body=b"x")
    s3.list_objects_v2(Bucket="counted", Prefix="a/")
    s3.list_object_versions(Bucket="counted")
    s3.head_object(Bucket="counted", Key="a/b")
    assert s3.get_object(Bucket="counted", Key="a/b")["Body"].read() == b"x"
    s3.delete_objects(Bucket="counted", Delete={"Objects": [{"Key": "a/b"}]})
    assert aws.traffic.calls == [
        ("sagemaker", "ListEndpoints"),
        ("cloudwatch", "ListMetrics"),
        ("sts", "GetCallerIdentity"),
        ("s3", "CreateBucket"),
        ("s3", "PutObject"),
        ("s3", "ListObjectsV2"),
        ("s3", "ListObjectVersions"),
        ("s3", "HeadObject"),
        ("s3", "GetObject"),
        ("s3", "DeleteObjects"),
    ]
    aws.traffic.reset()
    assert aws.traffic.calls == []


def test_what_is_no_call_of_aws_goes_through(aws: Loopback) -> None:
    with urllib.request.urlopen(f"{aws.url}/moto-api/data.json") as answer:
        assert json.load(answer) is not None
    assert aws.traffic.calls == []
