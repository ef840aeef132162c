"""Machines that are not there, and those that are taken back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from mlops_ci.testing.aws.faults import Interrupted, NoCapacity
from mlops_ci.testing.aws.loopback import Loopback
from tests.testing.aws.asking import Account, training
from tests.testing.aws.guard.clients import Clients
from tests.testing.aws.guard.requests import ROLE

COUNTING = (
    "import os, time\n"
    "at = '/opt/ml/checkpoints/epoch'\n"
    "if os.path.exists(at): print('resumed at', open(at).read())\n"
    "else:\n"
    "    open(at, 'w').write('7')\n"
    "    print('began')\n"
    "    time.sleep(60)\n"
)


@pytest.fixture(autouse=True)
def _healthy(aws: Loopback) -> Iterator[None]:
    yield
    aws.faults.clear()


def test_a_job_fails_where_there_is_no_machine_and_the_next_one_does_not(aws: Loopback, account: Account) -> None:
    aws.faults.inject(NoCapacity("ml.m5.large", times=1))
    first, second = training(account, "print('trained')"), training(account, "print('trained')")
    account.sagemaker.create_training_job(**first)
    told = account.ended("Training", first["TrainingJobName"])
    assert told["TrainingJobStatus"] == "Failed"
    assert told["FailureReason"].startswith("CapacityError: Unable to provision requested ML compute capacity.")
    assert account.log("/aws/sagemaker/TrainingJobs", first["TrainingJobName"]) == []
    account.sagemaker.create_training_job(**second)
    assert account.ended("Training", second["TrainingJobName"])["TrainingJobStatus"] == "Completed"


def test_a_spot_job_that_is_interrupted_goes_on_from_its_checkpoint(aws: Loopback, account: Account) -> None:
    request = training(account, COUNTING, EnableManagedSpotTraining=True)
    bucket = account.bucket()
    request["CheckpointConfig"] = {"S3Uri": f"s3://{bucket}/checkpoints"}
    request["StoppingCondition"] = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 600}
    aws.faults.inject(Interrupted(request["TrainingJobName"], after=2))
    account.sagemaker.create_training_job(**request)
    told = account.ended("Training", request["TrainingJobName"])
    assert told["TrainingJobStatus"] == "Completed"
    steps = [step["Status"] for step in told["SecondaryStatusTransitions"]]
    assert steps == [
        "Starting", "Downloading", "Training", "Interrupted",
        "Starting", "Downloading", "Training", "Uploading", "Completed",
    ]  # fmt: skip
    assert account.keys(bucket) == ["checkpoints/epoch"]
    assert "resumed at 7" in account.log("/aws/sagemaker/TrainingJobs", request["TrainingJobName"])


def test_a_job_that_is_not_of_the_spot_market_is_not_interrupted(aws: Loopback, account: Account) -> None:
    aws.faults.inject(Interrupted("*", after=0))
    request = training(account, "print('trained')")
    account.sagemaker.create_training_job(**request)
    told = account.ended("Training", request["TrainingJobName"])
    assert [step["Status"] for step in told["SecondaryStatusTransitions"]].count("Interrupted") == 0
    assert aws.faults.current() == (Interrupted("*", after=0),)


def test_an_endpoint_fails_where_there_is_no_machine(aws: Loopback, clients: Clients) -> None:
    sagemaker = clients["sagemaker"]
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
    sagemaker.create_model(ModelName="short", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image})
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "short",
        "InstanceType": "ml.c5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName="short", ProductionVariants=[variant])
    aws.faults.inject(NoCapacity("ml.c5.*"))
    sagemaker.create_endpoint(EndpointName="short", EndpointConfigName="short")
    until = time.monotonic() + 10
    while (told := sagemaker.describe_endpoint(EndpointName="short"))["EndpointStatus"] == "Creating":
        assert time.monotonic() < until
        time.sleep(0.02)
    assert told["EndpointStatus"] == "Failed"
    assert "due to InsufficientInstanceCapacity error" in told["FailureReason"]
    sagemaker.delete_endpoint(EndpointName="short")
