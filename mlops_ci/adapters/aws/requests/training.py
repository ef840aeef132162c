"""`CreateTrainingJob`: a script under SageMaker's training contract, in a framework's image or the user's own."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from mlops_ci.adapters.aws.entries import program_of
from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.model import InputMode, Resources
from mlops_ci.ports.jobs import Input, TrainingJob

CODE_CHANNEL = "code"
"""Where the code comes in when a container has no network to fetch it by: SageMaker's SDK calls it so too."""
CODE_NAME = "sourcedir.tar.gz"
_CODE_PLACE = f"/opt/ml/input/data/{CODE_CHANNEL}/{CODE_NAME}"

_NO_SHELL = "sagemaker_toolkit_native_launcher_enabled"
"""What has the image of PyTorch start a script by itself, as the other images do; else its arguments go through a
shell, unquoted. https://github.com/aws/sagemaker-pytorch-training-toolkit, training.py
"""

STEADY = {"PYTHONHASHSEED": "0"}
"""Variables of every job of ours, as on this machine: the same inputs shall give the same bytes."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where what a job needs lies on S3, and where it writes.

    `code` is the folder (it ends in `/`) that holds the archive of the code alone, empty where there is none; below
    `output`, which does not, SageMaker writes to `<job>/output/`.
    """

    image: str
    code: str
    channels: tuple[Input, ...]
    output: str


def training_request(job: TrainingJob, name: str, placed: Placed, terms: Terms) -> Request:
    """Return the request that starts a training job under a name."""
    channels = [channel(given, job.resources.input_mode) for given in placed.channels]
    if placed.code and terms.network.isolation:
        channels.append(channel(Input(CODE_CHANNEL, placed.code), InputMode.FILE))
    metrics = [{"Name": metric.name, "Regex": metric.regex} for metric in job.metric_definitions]
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": placed.image,
            "TrainingInputMode": job.resources.input_mode.value,
            **({"MetricDefinitions": metrics} if metrics else {}),
        },
        "RoleArn": terms.role,
        "HyperParameters": hyperparameters(job, placed.code, terms),
        **({"InputDataConfig": channels} if channels else {}),
        "OutputDataConfig": {"S3OutputPath": placed.output, **terms.output_key()},
        "ResourceConfig": {
            "InstanceType": job.resources.instance,
            "InstanceCount": job.resources.count,
            "VolumeSizeInGB": job.resources.volume,
            **terms.volume_key(),
        },
        "StoppingCondition": _stopping(job.resources),
        "EnableManagedSpotTraining": job.resources.spot,
        "EnableNetworkIsolation": terms.network.isolation,
        "EnableInterContainerTrafficEncryption": terms.network.encryption,
        "Environment": {**STEADY, **dict(job.environment)},
        "Tags": terms.tagged(model=job.model, candidate=job.candidate),
        **terms.vpc(),
        **_checkpoints(job.resources, f"{placed.output}/{name}"),
        **({"RetryStrategy": {"MaximumRetryAttempts": job.resources.retries}} if job.resources.retries else {}),
    }


def channel(given: Input, mode: InputMode) -> Request:
    """Return a channel: every file below an address, on every instance."""
    source = {"S3DataType": "S3Prefix", "S3Uri": given.location, "S3DataDistributionType": "FullyReplicated"}
    return {
        "ChannelName": given.name,
        "DataSource": {"S3DataSource": source},
        **({"ContentType": given.content_type} if given.content_type else {}),
        "CompressionType": "None",
        "RecordWrapperType": "None",
        "InputMode": mode.value,
    }


def hyperparameters(job: TrainingJob, code: str, terms: Terms) -> dict[str, str]:
    """Return the hyperparameters, and with a script what SageMaker's training toolkit finds it by.

    The toolkit reads every value as JSON, and writes it on the command line in Python's way: `true` becomes `True`. A
    value that it would write otherwise than the manifest does is sent as a JSON string, of which it takes off the
    quotes. Where a value means something to a shell, none shall start the script.
    """
    if not job.entry:
        return dict(job.hyperparameters)
    place = _CODE_PLACE if terms.network.isolation else f"{code}{CODE_NAME}"
    return {
        **{name: kept(value) for name, value in job.hyperparameters},
        **({_NO_SHELL: "true"} if any(shlex.quote(value) != value for _, value in job.hyperparameters) else {}),
        "sagemaker_program": program_of(job.entry),
        "sagemaker_submit_directory": place,
        "sagemaker_region": terms.region,
        "sagemaker_container_log_level": "20",
    }


def kept(value: str) -> str:
    """Return a hyperparameter so that the toolkit hands it on to a script as it is."""
    is_plain = "\n" not in value and str(_read(value)) == value
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _read(value: str) -> Any:  # noqa: ANN401 - JSON of any kind
    try:
        return json.loads(value)
    except ValueError:
        return value


def _stopping(resources: Resources) -> Request:
    longest = resources.max_wait or resources.max_runtime
    wait = {"MaxWaitTimeInSeconds": longest} if resources.spot else {}
    return {"MaxRuntimeInSeconds": resources.max_runtime, **wait}


def _checkpoints(resources: Resources, output: str) -> Request:
    """Return where checkpoints are kept: of this job alone, so that a job that begins anew begins with none."""
    if not (resources.spot or resources.checkpoints):
        return {}
    return {"CheckpointConfig": {"S3Uri": f"{output}/checkpoints/", "LocalPath": "/opt/ml/checkpoints"}}
