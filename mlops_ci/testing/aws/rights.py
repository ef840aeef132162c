"""A call as IAM sees it: the action and the resource that a policy would name."""

from __future__ import annotations

import re

from mlops_ci.testing.aws.asking import Asked
from mlops_ci.testing.aws.loopback import ACCOUNT

_S3_ACTIONS = {
    "HeadObject": "GetObject",
    "GetObjectAttributes": "GetObject",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
}
_PREFIXES = {"sagemaker-runtime": "sagemaker"}
_NAMED = {
    "ecr": ("repositoryName", "repository/"),
    "codebuild": ("projectName", "project/"),
    "logs": ("logGroupName", "log-group:"),
    "sagemaker-runtime": ("EndpointName", "endpoint/"),
}


def action(call: Asked) -> str:
    """Return the action as a policy has it, such as `s3:ListBucket`."""
    operation = _S3_ACTIONS.get(call.operation, call.operation) if call.service == "s3" else call.operation
    return f"{_PREFIXES.get(call.service, call.service)}:{operation}"


def resource(call: Asked) -> str:
    """Return the ARN of what the call is about, `*` where it is about nothing in particular."""
    params = call.params or {}
    if call.service == "s3":
        return f"arn:aws:s3:::{call.path.lstrip('/')}"
    if call.service == "sagemaker":
        name = params.get(f"{noun(call)}Name")
        kebab = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", noun(call)).lower()
        return f"arn:aws:sagemaker:{call.region}:{ACCOUNT}:{kebab}/{name}" if name else "*"
    key, before = _NAMED.get(call.service, ("", ""))
    service = _PREFIXES.get(call.service, call.service)
    return f"arn:aws:{service}:{call.region}:{ACCOUNT}:{before}{params[key]}" if params.get(key) else "*"


def noun(call: Asked) -> str:
    """Return what an operation is about: `TrainingJob` of `DescribeTrainingJob`."""
    return re.sub(r"^[A-Z][a-z]+", "", call.operation)
