"""Requests that make an image: a repository of ECR, a project of CodeBuild, and a build."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlops_ci.adapters.aws.requests.terms import Terms

_LONGEST = 60
"""Minutes after which a build is ended."""


def repository_request(name: str, terms: Terms, *, model: str) -> dict[str, Any]:
    """Return the request that makes a repository whose tags never move, and whose images are scanned."""
    return {
        "repositoryName": name,
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "tags": terms.tagged(model=model),
    }


def project_request(name: str, terms: Terms, *, source: str, buildspec: str) -> dict[str, Any]:
    """Return the request that makes, or updates, the project that builds every image of a store.

    `source` is the place on S3 of what was built last, without `s3://`: each build brings its own.
    """
    return {
        "name": name,
        "description": "images of mlops-ci: one project builds all",
        "source": {"type": "S3", "location": source, "buildspec": buildspec},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": True,  # docker runs in it
        },
        "serviceRole": terms.role,
        "timeoutInMinutes": _LONGEST,
        "tags": [{"key": tag["Key"], "value": tag["Value"]} for tag in terms.tagged()],
    }


def build_request(project: str, *, source: str, token: str, variables: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the request that starts a build; asked for again with its token, it is one build."""
    return {
        "projectName": project,
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": source,
        "environmentVariablesOverride": [
            {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables
        ],
        "idempotencyToken": token,
    }
