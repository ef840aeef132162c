"""What we send, held against what the SageMaker SDK for Python v3 sends for the same job (`sent.json`, `make oracle`).

Whatever differs is listed below with its reason; what is listed and does not differ any more fails too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.adapters.aws.requests import processing, training, transform
from mlops_ci.adapters.aws.requests.endpoints import creation, wish
from mlops_ci.adapters.aws.requests.model import model_request
from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.model import MetricDefinition, Network, Resources
from mlops_ci.ports.endpoints import EndpointSpec, Package
from mlops_ci.ports.jobs import Code, Image, Input, ProcessingJob, TrainingJob, TransformJob

SENT = json.loads((Path(__file__).parent / "sent.json").read_text())
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
PLACE = "s3://my-bucket/my-project"
TERMS = Terms(
    region="us-east-1",
    role="arn:aws:iam::123456789012:role/mlops-ci",
    network=Network(("subnet-0a1b2c3d",), ("sg-0a1b2c3d",), isolation=True, encryption=True),
    kms_key="alias/models",
    volume_kms_key="alias/volumes",
    tags=(("team", "growth"),),
)
CODE = Code((), "a digest")
PACKAGE = Package("0" * 64, "model", "code", "inference.py", Image(reference=IMAGE), (), ("a", "b"))

OWN_NAME = "names of ours say what is computed, and which try it is"
SCRIPT_MODE = (
    "script mode through the toolkit in the image, which installs requirements.txt and sets the SM_ variables; "
    "the SDK ships a driver of its own"
)
OWN_TAGS = "tags that say what it is about, for cost allocation"
STEADY = "hash seeds stand still, so that the same inputs give the same bytes"
PLACES = "everything lies below the store's address"
SAID = "what the SDK leaves to AWS's default is said"

DIFFERENT: dict[str, dict[str, str]] = {
    "CreateTrainingJob": {
        "TrainingJobName": OWN_NAME,
        "AlgorithmSpecification.ContainerEntrypoint": SCRIPT_MODE,
        "AlgorithmSpecification.ContainerArguments": SCRIPT_MODE,
        "HyperParameters.sagemaker_program": SCRIPT_MODE,
        "HyperParameters.sagemaker_submit_directory": SCRIPT_MODE,
        "HyperParameters.sagemaker_region": SCRIPT_MODE,
        "HyperParameters.sagemaker_container_log_level": SCRIPT_MODE,
        "InputDataConfig[sm_drivers]": SCRIPT_MODE,
        "InputDataConfig[code].DataSource.S3DataSource.S3Uri": PLACES,
        "InputDataConfig[train].CompressionType": SAID,
        "InputDataConfig[train].RecordWrapperType": SAID,
        "InputDataConfig[validation].CompressionType": SAID,
        "InputDataConfig[validation].RecordWrapperType": SAID,
        "InputDataConfig[code].CompressionType": SAID,
        "InputDataConfig[code].RecordWrapperType": SAID,
        "OutputDataConfig.CompressionType": "GZIP is AWS's default",
        "CheckpointConfig.S3Uri": "checkpoints are of one attempt: a new one begins anew",
        "Environment.PYTHONHASHSEED": STEADY,
        "Tags": OWN_TAGS,
    },
    "CreateProcessingJob": {
        "ProcessingJobName": OWN_NAME,
        "ProcessingInputs[code].S3Input.S3Uri": "all of the code's folder, not one file",
        "ProcessingOutputConfig.Outputs[train].S3Output.S3Uri": PLACES,
        "Environment": "folders and a steady hash seed, as on a laptop",
        "Tags": OWN_TAGS,
    },
    "CreateModel": {
        "PrimaryContainer.Environment.SAGEMAKER_REGION": SCRIPT_MODE,
        "PrimaryContainer.Environment.SAGEMAKER_CONTAINER_LOG_LEVEL": SCRIPT_MODE,
        "Tags": OWN_TAGS,
    },
    "CreateTransformJob": {
        "TransformJobName": OWN_NAME,
        "Environment": "SageMaker bounds no transform; whoever adopts it must know how long it may take",
        "ModelClientConfig": "a call may take as long as the job, at most ten minutes",
        "TransformInput.CompressionType": SAID,
        "TransformOutput.S3OutputPath": PLACES,
        "Tags": OWN_TAGS,
    },
    "CreateEndpointConfig": {"EndpointConfigName": OWN_NAME, "Tags": OWN_TAGS},
    "CreateEndpoint": {"EndpointName": OWN_NAME, "EndpointConfigName": OWN_NAME, "Tags": OWN_TAGS},
}


def training_job() -> TrainingJob:
    resources = Resources(
        instance="ml.m5.xlarge", count=2, volume=50, max_runtime=1800, spot=True, max_wait=3600
    )  # fmt: skip
    return TrainingJob(
        model="churn",
        candidate="linear",
        image=Image(reference=IMAGE),
        code=CODE,
        entry="train.py",
        channels=(),
        hyperparameters=(("epochs", "3"), ("rate", "0.1")),
        environment=(("FLAVOUR", "sweet"),),
        resources=resources,
        metric_definitions=(MetricDefinition("accuracy", r"accuracy=(\S+)"),),
    )


def train() -> Request:
    channels = tuple(Input(name, f"{PLACE}/inputs/{name}/") for name in ("train", "validation"))
    placed = training.Placed(IMAGE, f"{PLACE}/inputs/code/", channels, f"{PLACE}/jobs")
    return training.training_request(training_job(), "training-0-1", placed, TERMS)


def process() -> Request:
    job = ProcessingJob(
        model="churn",
        subject="pre",
        image=Image(reference=IMAGE),
        code=CODE,
        entry="train.py",
        arguments=("--share", "0.2"),
        inputs=(),
        outputs=("train",),
        environment=(("FLAVOUR", "sweet"),),
        max_runtime=1800,
    )
    given = (Input("data", f"{PLACE}/inputs/data/"),)
    placed = processing.Placed(IMAGE, f"{PLACE}/inputs/code/", given, f"{PLACE}/jobs/processing-0-1/")
    return processing.processing_request(job, "processing-0-1", placed, TERMS)


def model() -> Request:
    archive = f"{PLACE}/packages/x/model.tar.gz"
    return model_request("churn-model", PACKAGE, image=IMAGE, archive=archive, terms=TERMS, model="churn")


def score() -> Request:
    job = TransformJob("churn", "linear", PACKAGE.digest, "rows.csv", "text/csv")
    placed = transform.Placed("churn-model", f"{PLACE}/inputs/rows/", 768, f"{PLACE}/jobs/evaluation-0-1/")
    return transform.transform_request(job, "evaluation-0-1", placed, TERMS)


def endpoint() -> tuple[Request, Request]:
    spec = EndpointSpec("staging", "churn", 1, PACKAGE, instance="ml.m5.large", count=1)
    tags = TERMS.tagged()
    wished = wish(
        spec, "staging-churn-0", model="churn-model", capture_to=f"{PLACE}/capture", tags=tags,
        volume_key="alias/volumes", capture_key="alias/models",
    )  # fmt: skip
    return wished.config, creation(wished, tags)


OURS: dict[str, Callable[[], Request]] = {
    "CreateTrainingJob": train,
    "CreateProcessingJob": process,
    "CreateModel": model,
    "CreateTransformJob": score,
    "CreateEndpointConfig": lambda: endpoint()[0],
    "CreateEndpoint": lambda: endpoint()[1],
}


def leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON data
    """Yield (path, value) of everything in a request; what has a name is found by it, and not by its place."""
    named = ("Key", "ChannelName", "InputName", "OutputName", "VariantName", "Name")
    if isinstance(value, dict):
        for key, found in value.items():
            yield from leaves(found, f"{at}.{key}" if at else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, found in enumerate(value):
            name = next((found[key] for key in named if key in found), number)
            yield from leaves(found, f"{at}[{name}]")
    else:
        yield at, value


def is_below(path: str, place: str) -> bool:
    return path == place or path.startswith((f"{place}.", f"{place}["))


@pytest.mark.parametrize("operation", OURS)
def test_ours_and_the_sdks_request_agree_but_for_what_is_listed(operation: str) -> None:
    ours, theirs = dict(leaves(OURS[operation]())), dict(leaves(SENT[operation]))
    known = DIFFERENT[operation]
    differing = {path for path in {*ours, *theirs} if ours.get(path) != theirs.get(path)}
    unexplained = {path: (ours.get(path), theirs.get(path)) for path in differing}
    for path in list(unexplained):
        if any(is_below(path, place) for place in known):
            del unexplained[path]
    assert unexplained == {}
    assert {place for place in known if not any(is_below(path, place) for path in differing)} == set()


@pytest.mark.parametrize("operation", OURS)
def test_the_tags_of_the_target_are_on_everything(operation: str) -> None:
    assert {"Key": "team", "Value": "growth"} in OURS[operation]()["Tags"]


def test_without_a_network_or_keys_nothing_is_sent_about_them() -> None:
    bare = replace(TERMS, network=Network(), kms_key="", volume_kms_key="")
    job = TransformJob("churn", "linear", PACKAGE.digest, "rows.csv", "text/csv")
    placed = transform.Placed("churn-model", f"{PLACE}/inputs/rows/", 768, f"{PLACE}/jobs/x/")
    said = json.dumps(transform.transform_request(job, "x", placed, bare))
    assert "Kms" not in said
    archive = f"{PLACE}/packages/x/model.tar.gz"
    made = model_request("m", PACKAGE, image=IMAGE, archive=archive, terms=bare, model="churn")
    assert {"VpcConfig", "EnableNetworkIsolation"} & set(made) == set()


def test_checkpoints_are_of_one_attempt_of_one_job() -> None:
    job = replace(training_job(), channels=())
    placed = training.Placed(IMAGE, f"{PLACE}/inputs/code/", (), f"{PLACE}/jobs")
    names = ("training-0-1", "training-0-2", "training-1-1")
    requests = [training.training_request(job, name, placed, TERMS) for name in names]
    assert len({request["CheckpointConfig"]["S3Uri"] for request in requests}) == 3
