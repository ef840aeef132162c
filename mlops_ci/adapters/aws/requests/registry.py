"""Requests to SageMaker's model registry: a group a model, a model package a version."""

from __future__ import annotations

import hashlib
import json
import re

from mlops_ci.adapters.aws.requests.model import serving_variables
from mlops_ci.adapters.aws.requests.terms import Request, Terms
from mlops_ci.model.address import Address
from mlops_ci.ports.registry import Entry

_LONGEST = 63
_DIGEST = 8
_METRICS = 40
"""Of the 50 properties that a model package may have."""
_PROBLEMS = {
    "regression": "regression_metrics",
    "binary_classification": "binary_classification_metrics",
    "multiclass_classification": "multiclass_classification_metrics",
}
OURS = "mlops-ci: "
"""How an approval begins that a gate gave, so that it is not taken for a person's."""


def group_name(address: Address, model: str) -> str:
    """Return the name of a model's group: project, model, and a digest that tells two stores apart.

    The project is the last name in the store's address.
    """
    project = address.prefix.rstrip("/").rpartition("/")[2] or address.bucket
    digest = hashlib.sha256(json.dumps([str(address), model]).encode()).hexdigest()[:_DIGEST]
    head = re.sub("[^a-zA-Z0-9]+", "-", f"{project}-{model}").strip("-")[: _LONGEST - _DIGEST - 1].strip("-")
    return f"{head}-{digest}" if head else digest


def group_request(name: str, model: str, terms: Terms) -> Request:
    """Return the request that makes a model's group; its tags are those of every model package in it."""
    return {
        "ModelPackageGroupName": name,
        "ModelPackageGroupDescription": f"Versions of {model}, promoted by mlops-ci.",
        "Tags": terms.tagged(model=model),
    }


def described(model: str, version: int, package: str) -> str:
    """Return the description of a model package: a listing shows it, so that a version is found by one call."""
    return f"{model} v{version}, package {package}"


def package_request(group: str, entry: Entry, *, archive: str, statistics: str, terms: Terms) -> Request:
    """Return the request that registers a version as pending.

    `archive` is the `s3://` address of its package, `statistics` that of its metrics; both may be empty. A package
    without an image of a container is on record there, and cannot be deployed from there.
    """
    package = entry.package
    metrics = {"Statistics": {"ContentType": "application/json", "S3Uri": statistics}}
    made: Request = {
        "ModelPackageGroupName": group,
        "ModelPackageDescription": described(entry.model, entry.version, package.digest),
        "ModelApprovalStatus": "PendingManualApproval",
        "ClientToken": hashlib.sha256(f"{group}/{entry.version}/{package.digest}".encode()).hexdigest()[:36],
        "CustomerMetadataProperties": _properties(entry),
    }
    if package.image.reference and archive:
        container = {
            "Image": package.image.reference,
            "ModelDataUrl": archive,
            "Environment": serving_variables(package, terms.region),
        }
        made["InferenceSpecification"] = {
            "Containers": [container],
            "SupportedContentTypes": [entry.content_type],
            "SupportedResponseMIMETypes": ["application/json"],
        }
    if entry.commit:
        made["MetadataProperties"] = {"CommitId": entry.commit, "GeneratedBy": "mlops-ci"}
    if statistics:
        made["ModelMetrics"] = {"ModelQuality": metrics}
    return made


def statistics(entry: Entry) -> bytes:
    """Return an evaluation's metrics as SageMaker shows them, JSON.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
    """
    kind = _PROBLEMS.get(entry.problem, "metrics")
    found = {name: {"value": value, "standard_deviation": "NaN"} for name, value in entry.scores}
    return json.dumps({"version": 0.0, kind: found}, indent=1, sort_keys=True).encode()


def approval_request(reference: str, why: str) -> Request:
    """Return the request that says that a gate let a version through."""
    return {
        "ModelPackageArn": reference,
        "ModelApprovalStatus": "Approved",
        "ApprovalDescription": f"{OURS}{why}"[:1024],
    }


def _properties(entry: Entry) -> dict[str, str]:
    about = {
        "mlops-ci:version": f"v{entry.version}",
        "mlops-ci:package": entry.package.digest,
        "mlops-ci:candidate": entry.candidate,
        "mlops-ci:commit": entry.commit,
        **{f"metric:{name}"[:128]: repr(value) for name, value in entry.scores[:_METRICS]},
    }
    return {key: value for key, value in about.items() if value}
