"""`CreateModel`: a package as SageMaker serves it, in a batch transform as behind an endpoint."""

from __future__ import annotations

from mlops_ci.adapters.aws.entries import program_of
from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.ports.endpoints import Package

_CODE = "/opt/ml/model/code"
PATIENCE = "SAGEMAKER_MODEL_SERVER_TIMEOUT"
"""The variable that tells SageMaker's serving toolkits how many seconds an answer may take; else 60, also in a batch
transform, where the platform itself would wait longer."""


def model_request(
    name: str, package: Package, *, image: str, archive: str, terms: Terms, model: str, environment: str = ""
) -> Request:
    """Return the request that makes a SageMaker model of a package; `archive` is the `s3://` address of its archive.

    `model` is ours, `environment` the place that it serves, for the tags. Without an entry the image serves itself.
    """
    isolation = {"EnableNetworkIsolation": True} if terms.network.isolation else {}
    return {
        "ModelName": name,
        "PrimaryContainer": {
            "Image": image,
            "ModelDataUrl": archive,
            "Environment": serving_variables(package, terms.region),
        },
        "ExecutionRoleArn": terms.role,
        "Tags": terms.tagged(model=model, environment=environment, package=package.digest),
        **terms.vpc(),
        **isolation,
    }


def serving_variables(package: Package, region: str) -> dict[str, str]:
    """Return the variables of the container: SageMaker's serving toolkit finds the handlers by them."""
    if not package.entry:
        return dict(package.environment)
    return {
        "SAGEMAKER_PROGRAM": program_of(package.entry),
        "SAGEMAKER_SUBMIT_DIRECTORY": _CODE,
        "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
        "SAGEMAKER_REGION": region,
        **dict(package.environment),
    }
