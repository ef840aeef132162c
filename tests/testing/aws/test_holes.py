"""What moto does today where our jobs take its place: a change of moto is named by a failing test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, HTTPClientError

from tests.testing.aws.asking import ROLE, Account

CODE = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
input()
"""
Plain = Callable[[str], Any]


@pytest.fixture(scope="module")
def plain() -> Iterator[Plain]:
    """Return what makes clients of moto's own server, in a process that has no fillings."""
    with subprocess.Popen(
        [sys.executable, "-c", CODE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        session = boto3.session.Session("key", "secret", region_name="us-east-1")
        yield lambda service: session.client(service, endpoint_url=url)
        server.kill()


def training(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - members of a request
    return {
        "TrainingJobName": "canary",
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": "nothing:1", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://nowhere/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    } | more


def test_moto_completes_a_training_that_cannot_run_with_metrics_of_its_own(plain: Plain) -> None:
    client = plain("sagemaker")
    client.create_training_job(**training())
    found = client.describe_training_job(TrainingJobName="canary")
    assert found["TrainingJobStatus"] == "Completed"
    assert [metric["MetricName"] for metric in found["FinalMetricDataList"]] == ["train:progress"]
    client.create_training_job(**training())  # and a name may come twice
    with pytest.raises(client.exceptions.ClientError) as raised:
        client.stop_training_job(TrainingJobName="canary")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_moto_completes_processing_and_transform_at_once_and_does_not_know_how_to_stop(plain: Plain) -> None:
    client = plain("sagemaker")
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    client.create_processing_job(
        ProcessingJobName="canary",
        RoleArn=ROLE,
        AppSpecification={"ImageUri": "nothing:1"},
        ProcessingResources={"ClusterConfig": cluster},
    )
    assert client.describe_processing_job(ProcessingJobName="canary")["ProcessingJobStatus"] == "Completed"
    source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://nowhere/rows"}}}
    client.create_transform_job(
        TransformJobName="canary",
        ModelName="not-there",
        TransformInput=source,
        TransformOutput={"S3OutputPath": "s3://nowhere/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    assert client.describe_transform_job(TransformJobName="canary")["TransformJobStatus"] == "Completed"
    with pytest.raises(client.exceptions.ClientError) as raised:
        client.stop_transform_job(TransformJobName="canary")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_moto_tells_eventbridge_nothing_of_a_training(plain: Plain) -> None:
    events, sqs = plain("events"), plain("sqs")
    queue = sqs.create_queue(QueueName="canary")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="canary", EventPattern='{"source": ["aws.sagemaker", "mine"]}')
    events.put_targets(Rule="canary", Targets=[{"Id": "q", "Arn": arn}])
    plain("sagemaker").create_training_job(**training(TrainingJobName="quiet"))
    events.put_events(Entries=[{"Source": "mine", "DetailType": "a sign of life", "Detail": "{}"}])
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert "a sign of life" in message["Body"]


def test_moto_filters_a_page_of_jobs_after_it_is_cut(plain: Plain) -> None:
    client = plain("sagemaker")
    for name in ("list-a", "list-b", "list-c"):
        client.create_training_job(**training(TrainingJobName=name))
    found = client.list_training_jobs(NameContains="list-c", MaxResults=1)
    assert found["TrainingJobSummaries"] == []


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("start_build_batch", {"projectName": "none"}),
        ("batch_get_build_batches", {"ids": ["none:1"]}),
        ("list_build_batches_for_project", {"projectName": "none"}),
        ("stop_build_batch", {"id": "none:1"}),
        ("batch_get_reports", {"reportArns": ["none"]}),
        ("describe_test_cases", {"reportArn": "none"}),
    ],
)
def test_moto_has_neither_batches_of_builds_nor_test_reports(
    plain: Plain, operation: str, asked: dict[str, Any]
) -> None:
    codebuild = plain("codebuild")
    codebuild.meta.config.retries = {"total_max_attempts": 1}
    with pytest.raises((ClientError, HTTPClientError)) as told:
        getattr(codebuild, operation)(**asked)
    assert "NotFound" not in str(told.value)


def test_moto_answers_empty_structures_where_aws_leaves_them_out(plain: Plain) -> None:
    client = plain("sagemaker")
    client.create_model(ModelName="canary", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "nothing:1"})
    assert client.describe_model(ModelName="canary")["VpcConfig"] == {}


def test_here_they_are_left_out(account: Account) -> None:
    client = account.sagemaker
    client.create_model(ModelName="canary", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "nothing:1"})
    found = client.describe_model(ModelName="canary")
    assert "VpcConfig" not in found
    assert found["PrimaryContainer"] == {"Image": "nothing:1"}
