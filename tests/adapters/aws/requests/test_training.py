"""What CreateTrainingJob is asked for."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.adapters.aws.requests.training import Placed, training_request
from mlops_ci.model import InputMode, MetricDefinition, Resources
from mlops_ci.ports.jobs import Code, Image, Input, TrainingJob
from tests.adapters.aws.requests.valid import CLOSED, KEY, PLAIN, ROLE, URI, problems

JOB = TrainingJob(
    "churn", "boosting", Image(), Code((), "d"), "boosting.py", (), (("rate", "0.1"),), (), Resources(max_runtime=600)
)
PLACED = Placed(URI, "s3://bucket/inputs/c/", (Input("train", "s3://bucket/inputs/t/"),), "s3://bucket/jobs")


def request(job: TrainingJob = JOB, terms: Terms = PLAIN, placed: Placed = PLACED) -> Request:
    """Return the request, which SageMaker's model takes."""
    made = training_request(job, "training-1", placed, terms)
    assert problems("CreateTrainingJob", made) == ()
    return made


def test_a_plain_job_is_a_script_in_an_image_with_its_channels() -> None:
    assert request() == {
        "TrainingJobName": "training-1",
        "AlgorithmSpecification": {"TrainingImage": URI, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "HyperParameters": {
            "rate": "0.1",
            "sagemaker_program": "boosting.py",
            "sagemaker_submit_directory": "s3://bucket/inputs/c/sourcedir.tar.gz",
            "sagemaker_region": "us-east-1",
            "sagemaker_container_log_level": "20",
        },
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": "s3://bucket/inputs/t/",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
                "CompressionType": "None",
                "RecordWrapperType": "None",
                "InputMode": "File",
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/jobs"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "EnableManagedSpotTraining": False,
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "Environment": {"PYTHONHASHSEED": "0"},
        "Tags": [
            {"Key": "team", "Value": "churn"},
            {"Key": "mlops-ci:model", "Value": "churn"},
            {"Key": "mlops-ci:candidate", "Value": "boosting"},
        ],
    }


def test_spot_waits_at_least_as_long_as_it_may_run_and_keeps_checkpoints_of_its_own() -> None:
    spot = request(replace(JOB, resources=Resources(spot=True, max_runtime=600)))
    assert spot["EnableManagedSpotTraining"] is True
    assert spot["StoppingCondition"] == {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 600}
    place = "s3://bucket/jobs/training-1/checkpoints/"
    assert spot["CheckpointConfig"] == {"S3Uri": place, "LocalPath": "/opt/ml/checkpoints"}
    patient = request(replace(JOB, resources=Resources(spot=True, max_runtime=600, max_wait=900)))
    assert patient["StoppingCondition"]["MaxWaitTimeInSeconds"] == 900
    assert "CheckpointConfig" in request(replace(JOB, resources=Resources(checkpoints=True)))
    assert "CheckpointConfig" not in request()


def test_instances_volume_input_mode_retries_variables_and_metrics_are_those_of_the_manifest() -> None:
    wanted = Resources("ml.g5.xlarge", 3, 100, 60, input_mode=InputMode.FAST_FILE, retries=2)
    loss = MetricDefinition("validation:loss", r"loss=([0-9.]+)")
    made = request(
        replace(JOB, resources=wanted, metric_definitions=(loss,), environment=(("PYTHONHASHSEED", "7"), ("A", "b")))
    )
    assert made["ResourceConfig"] == {"InstanceType": "ml.g5.xlarge", "InstanceCount": 3, "VolumeSizeInGB": 100}
    assert made["AlgorithmSpecification"]["TrainingInputMode"] == "FastFile"
    assert [channel["InputMode"] for channel in made["InputDataConfig"]] == ["FastFile"]
    assert made["AlgorithmSpecification"]["MetricDefinitions"] == [
        {"Name": "validation:loss", "Regex": r"loss=([0-9.]+)"}
    ]
    assert made["RetryStrategy"] == {"MaximumRetryAttempts": 2}
    assert made["Environment"] == {"PYTHONHASHSEED": "7", "A": "b"}


def test_a_closed_network_and_keys_are_asked_for_and_the_code_comes_as_a_channel() -> None:
    made = request(replace(JOB, resources=Resources(input_mode=InputMode.PIPE)), CLOSED)
    assert made["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
    assert made["EnableNetworkIsolation"] is True
    assert made["EnableInterContainerTrafficEncryption"] is True
    assert made["OutputDataConfig"]["KmsKeyId"] == KEY
    assert made["ResourceConfig"]["VolumeKmsKeyId"] == KEY
    code = made["InputDataConfig"][-1]
    assert (code["ChannelName"], code["InputMode"]) == ("code", "File")
    assert code["DataSource"]["S3DataSource"]["S3Uri"] == "s3://bucket/inputs/c/"
    place = "/opt/ml/input/data/code/sourcedir.tar.gz"
    assert made["HyperParameters"]["sagemaker_submit_directory"] == place


def test_values_that_the_toolkit_would_write_otherwise_are_quoted() -> None:
    given = {
        "whole": "3", "fraction": "1.0", "small": "1e-05", "word": "gini",  # as they are in Python, too
        "yes": "true", "short": "1e-5", "list": "[1,2]", "lines": "a\nb", "quoted": '"x"', "nothing": "null",
    }  # fmt: skip
    sent = request(replace(JOB, hyperparameters=tuple(given.items())))["HyperParameters"]
    assert {name: sent[name] for name in given} == {
        "whole": "3", "fraction": "1.0", "small": "1e-05", "word": "gini",
        "yes": '"true"', "short": '"1e-5"', "list": '"[1,2]"', "lines": '"a\\nb"', "quoted": '"\\"x\\""',
        "nothing": '"null"',
    }  # fmt: skip


def test_a_value_that_means_something_to_a_shell_goes_by_none() -> None:
    def sent(value: str) -> bool:
        made = request(replace(JOB, hyperparameters=(("text", value),)))["HyperParameters"]
        return "sagemaker_toolkit_native_launcher_enabled" in made

    assert [sent(value) for value in ("gini", "1e-05", "two words", "a;b", "$(id)")] == [False, False, True, True, True]


def test_an_image_that_trains_by_itself_gets_its_hyperparameters_alone_and_needs_no_channel() -> None:
    made = request(replace(JOB, entry=""), placed=replace(PLACED, code="", channels=()))
    assert made["HyperParameters"] == {"rate": "0.1"}
    assert "InputDataConfig" not in made
