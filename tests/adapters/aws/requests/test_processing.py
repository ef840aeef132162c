"""What CreateProcessingJob is asked for."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.adapters.aws.requests.processing import Placed, processing_request
from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.model import ProcessingResources
from mlops_ci.ports.jobs import Code, Image, Input, ProcessingJob
from tests.adapters.aws.requests.valid import CLOSED, KEY, PLAIN, ROLE, URI, problems

JOB = ProcessingJob(
    "churn", "processing", Image(), Code((), "d"), "prepare.py", ("--n", "3"), (Input("raw", "data/raw"),),
    ("train", "test"), (("LEVEL", "info"),), 60,
)  # fmt: skip
PLACED = Placed(URI, "s3://bucket/inputs/c/", (Input("raw", "s3://bucket/inputs/r/"),), "s3://bucket/jobs/p-1/")
ROOT = "/opt/ml/processing"


def request(job: ProcessingJob = JOB, terms: Terms = PLAIN, placed: Placed = PLACED) -> Request:
    """Return the request, which SageMaker's model takes."""
    made = processing_request(job, "p-1", placed, terms)
    assert problems("CreateProcessingJob", made) == ()
    return made


def folder(name: str, uri: str) -> Request:
    source = {
        "S3Uri": uri,
        "LocalPath": f"{ROOT}/input/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }
    return {"InputName": name, "S3Input": source}


def made(name: str) -> Request:
    place = {
        "S3Uri": f"s3://bucket/jobs/p-1/output/{name}",
        "LocalPath": f"{ROOT}/{name}",
        "S3UploadMode": "EndOfJob",
    }
    return {"OutputName": name, "S3Output": place}


def test_a_plain_job_has_its_script_its_folders_and_the_variables_that_name_them() -> None:
    assert request() == {
        "ProcessingJobName": "p-1",
        "AppSpecification": {
            "ImageUri": URI,
            "ContainerEntrypoint": ["python3", f"{ROOT}/input/code/prepare.py"],
            "ContainerArguments": ["--n", "3"],
        },
        "RoleArn": ROLE,
        "ProcessingInputs": [folder("raw", "s3://bucket/inputs/r/"), folder("code", "s3://bucket/inputs/c/")],
        "ProcessingOutputConfig": {"Outputs": [made("train"), made("test")]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "NetworkConfig": {"EnableNetworkIsolation": False, "EnableInterContainerTrafficEncryption": False},
        "Environment": {
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": f"{ROOT}/input/code",
            "SM_PROCESSING_DIR": ROOT,
            "SM_PROCESSING_INPUT_RAW": f"{ROOT}/input/raw",
            "SM_PROCESSING_OUTPUT_TRAIN": f"{ROOT}/train",
            "SM_PROCESSING_OUTPUT_TEST": f"{ROOT}/test",
            "LEVEL": "info",
        },
        "Tags": [
            {"Key": "team", "Value": "churn"},
            {"Key": "mlops-ci:model", "Value": "churn"},
            {"Key": "mlops-ci:subject", "Value": "processing"},
        ],
    }


def test_without_arguments_none_are_said() -> None:
    assert "ContainerArguments" not in request(replace(JOB, arguments=()))["AppSpecification"]


def test_what_the_code_requires_is_installed_before_the_script_takes_over() -> None:
    about = request(placed=replace(PLACED, requires=True))["AppSpecification"]
    assert about["ContainerEntrypoint"][:2] == ["/bin/sh", "-c"]
    assert about["ContainerArguments"] == [f"{ROOT}/input/code/prepare.py", "--n", "3"]


def test_instances_network_and_keys_are_those_of_manifest_and_target() -> None:
    job = replace(JOB, resources=ProcessingResources("ml.c5.xlarge", 2, 50))
    closed = request(job, CLOSED)
    assert closed["ProcessingResources"]["ClusterConfig"] == {
        "InstanceType": "ml.c5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 50, "VolumeKmsKeyId": KEY,
    }  # fmt: skip
    assert closed["ProcessingOutputConfig"]["KmsKeyId"] == KEY
    assert closed["NetworkConfig"] == {
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
    }
