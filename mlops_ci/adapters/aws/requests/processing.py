"""`CreateProcessingJob`: a script with its folders below /opt/ml/processing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.adapters.aws.requests.training import STEADY
from mlops_ci.ports.jobs import Input, ProcessingJob

_ROOT = "/opt/ml/processing"
_CODE = f"{_ROOT}/input/code"
_INSTALL = f'python3 -m pip install --quiet -r {_CODE}/requirements.txt && exec python3 "$0" "$@"'
"""Nothing in a processing container installs what the code requires, so we do, before the script takes our place."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where what a job needs lies on S3, every address a folder; below `output` it writes one folder an output.

    `requires` says whether the code has a `requirements.txt`.
    """

    image: str
    code: str
    inputs: tuple[Input, ...]
    output: str
    requires: bool = False


def processing_request(job: ProcessingJob, name: str, placed: Placed, terms: Terms) -> Request:
    """Return the request that starts a processing job under a name."""
    inputs = [_input(given.name, given.location) for given in (*placed.inputs, Input("code", placed.code))]
    return {
        "ProcessingJobName": name,
        "AppSpecification": {"ImageUri": placed.image, **_command(job, requires=placed.requires)},
        "RoleArn": terms.role,
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {
            "Outputs": [_output(output, f"{placed.output}output/{output}") for output in job.outputs],
            **terms.output_key(),
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": job.resources.instance,
                "InstanceCount": job.resources.count,
                "VolumeSizeInGB": job.resources.volume,
                **terms.volume_key(),
            }
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": job.max_runtime},
        "NetworkConfig": {
            "EnableNetworkIsolation": terms.network.isolation,
            "EnableInterContainerTrafficEncryption": terms.network.encryption,
            **terms.vpc(),
        },
        "Environment": {**_variables(job), **dict(job.environment)},
        "Tags": terms.tagged(model=job.model, subject=job.subject),
    }


def _command(job: ProcessingJob, *, requires: bool) -> Request:
    script = f"{_CODE}/{job.entry}"
    if requires:
        return {"ContainerEntrypoint": ["/bin/sh", "-c", _INSTALL], "ContainerArguments": [script, *job.arguments]}
    arguments = {"ContainerArguments": list(job.arguments)} if job.arguments else {}
    return {"ContainerEntrypoint": ["python3", script], **arguments}


def _input(name: str, location: str) -> Request:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": location,
            "LocalPath": f"{_ROOT}/input/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }


def _output(name: str, place: str) -> Request:
    at = {"S3Uri": place, "LocalPath": f"{_ROOT}/{name}", "S3UploadMode": "EndOfJob"}
    return {"OutputName": name, "S3Output": at}


def _variables(job: ProcessingJob) -> dict[str, str]:
    """Return what a script finds its folders by, as on this machine."""
    return {
        **STEADY,
        "PYTHONPATH": _CODE,
        "SM_PROCESSING_DIR": _ROOT,
        **{_name("SM_PROCESSING_INPUT_", given.name): f"{_ROOT}/input/{given.name}" for given in job.inputs},
        **{_name("SM_PROCESSING_OUTPUT_", name): f"{_ROOT}/{name}" for name in job.outputs},
    }


def _name(prefix: str, name: str) -> str:
    return prefix + re.sub(r"\W", "_", name).upper()
