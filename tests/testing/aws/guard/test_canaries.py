"""What moto does today where our parts take its place: a change of moto is named by a failing test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from tests.testing.aws.guard.clients import Clients
from tests.testing.aws.guard.requests import ROLE

CODE = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
input()
"""


@pytest.fixture(scope="module")
def plain() -> Iterator[Clients]:
    """Clients of moto's own server, in a process that has no fillings."""
    with subprocess.Popen(
        [sys.executable, "-c", CODE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield Clients(f"http://127.0.0.1:{server.stdout.readline().strip()}")
        server.kill()


def code(told: pytest.ExceptionInfo[ClientError]) -> str:
    found: str = told.value.response["Error"]["Code"]
    return found


def test_moto_takes_a_name_that_aws_refuses(plain: Clients) -> None:
    plain["sagemaker"].create_model(ModelName="churn_1", ExecutionRoleArn=ROLE)


def test_moto_succeeds_in_a_build_that_fails_and_asks_a_location_of_no_source(plain: Clients) -> None:
    codebuild = plain["codebuild"]
    project = {
        "name": "canary",
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": {"type": "LINUX_CONTAINER", "image": "any", "computeType": "BUILD_GENERAL1_SMALL"},
        "serviceRole": ROLE,
    }
    source = {"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {build: {commands: ['false']}}"}
    with pytest.raises(ClientError, match="Project source location is required"):
        codebuild.create_project(**project, source=source)
    codebuild.create_project(**project, source=source | {"location": "-"})
    build = codebuild.start_build(projectName="canary")["build"]["id"]
    (told,) = codebuild.batch_get_builds(ids=[build])["builds"]
    assert (told["buildStatus"], told["buildComplete"]) == ("SUCCEEDED", False)
    with pytest.raises(ClientError) as raised:
        codebuild.update_project(name="canary")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_moto_knows_no_other_account_and_fails_at_a_push_into_nowhere(plain: Clients) -> None:
    asked = {"registryId": "683313688378", "repositoryName": "sagemaker-scikit-learn", "imageIds": [{"imageTag": "1"}]}
    with pytest.raises(ClientError) as raised:
        plain["ecr"].batch_get_image(**asked)
    assert code(raised) == "RepositoryNotFoundException"
    with pytest.raises(ClientError) as raised:
        plain["ecr"].put_image(repositoryName="none", imageManifest="{}", imageTag="1")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_moto_has_a_best_trial_of_a_tuning_job_that_it_never_ran(plain: Clients) -> None:
    sagemaker = plain["sagemaker"]
    named = {"HyperParameterTuningJobName": "canary"}
    config = {"Strategy": "Random", "ResourceLimits": {"MaxParallelTrainingJobs": 1, "MaxNumberOfTrainingJobs": 1}}
    sagemaker.create_hyper_parameter_tuning_job(**named, HyperParameterTuningJobConfig=config)
    told = sagemaker.describe_hyper_parameter_tuning_job(**named)
    assert told["HyperParameterTuningJobStatus"] == "Completed"
    assert told["BestTrainingJob"]["TrainingJobName"] == "FakeTrainingJobName"
    for missing in (
        sagemaker.list_training_jobs_for_hyper_parameter_tuning_job,
        sagemaker.stop_hyper_parameter_tuning_job,
    ):
        with pytest.raises(ClientError) as raised:
            missing(**named)
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_moto_cannot_simulate_policies(plain: Clients) -> None:
    with pytest.raises(ResponseParserError, match="500 Internal Server Error"):
        plain["iam"].simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=["s3:GetObject"])


def test_moto_has_a_notebook_in_service_at_once_and_no_address_of_it(plain: Clients) -> None:
    sagemaker = plain["sagemaker"]
    named = {"NotebookInstanceName": "canary"}
    sagemaker.create_notebook_instance(**named, InstanceType="ml.t3.medium", RoleArn=ROLE)
    assert sagemaker.describe_notebook_instance(**named)["NotebookInstanceStatus"] == "InService"
    for missing in (
        sagemaker.create_presigned_notebook_instance_url,
        sagemaker.update_notebook_instance,
    ):
        with pytest.raises(ClientError) as raised:
            missing(**named)
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    with pytest.raises(ClientError):
        sagemaker.list_notebook_instance_lifecycle_configs()
