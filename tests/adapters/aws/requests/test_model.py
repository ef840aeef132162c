"""What CreateModel is asked for."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.adapters.aws.requests.model import model_request
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Image
from tests.adapters.aws.requests.valid import CLOSED, PLAIN, ROLE, URI, problems

PACKAGE = Package("d" * 64, "m" * 64, "c" * 64, "inference.py", Image(), (("LEVEL", "info"),), ("a", "b"))
ARCHIVE = "s3://bucket/packages/d/model.tar.gz"


def test_a_model_is_the_package_with_its_handlers_named() -> None:
    request = model_request("name", PACKAGE, image=URI, archive=ARCHIVE, terms=PLAIN, model="churn")
    assert problems("CreateModel", request) == ()
    assert request == {
        "ModelName": "name",
        "PrimaryContainer": {
            "Image": URI,
            "ModelDataUrl": ARCHIVE,
            "Environment": {
                "SAGEMAKER_PROGRAM": "inference.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
                "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
                "SAGEMAKER_REGION": "us-east-1",
                "LEVEL": "info",
            },
        },
        "ExecutionRoleArn": ROLE,
        "Tags": [
            {"Key": "team", "Value": "churn"},
            {"Key": "mlops-ci:model", "Value": "churn"},
            {"Key": "mlops-ci:package", "Value": "d" * 64},
        ],
    }


def test_an_image_that_serves_itself_is_told_of_no_handlers() -> None:
    request = model_request("name", replace(PACKAGE, entry=""), image=URI, archive=ARCHIVE, terms=PLAIN, model="churn")
    assert request["PrimaryContainer"]["Environment"] == {"LEVEL": "info"}


def test_a_closed_network_and_the_environment_are_said() -> None:
    request = model_request(
        "name", PACKAGE, image=URI, archive=ARCHIVE, terms=CLOSED, model="churn", environment="staging"
    )
    assert problems("CreateModel", request) == ()
    assert request["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
    assert request["EnableNetworkIsolation"] is True
    assert {"Key": "mlops-ci:environment", "Value": "staging"} in request["Tags"]
