"""Requests about images in ECR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOST_TAGS = 100
"""How many one request may ask for."""


def batch_get_image(registry: str, repository: str, tags: Sequence[str]) -> dict[str, Any]:
    """Return the request for the digests behind tags; an empty registry is the account's own.

    It works across accounts for whoever may pull, as from SageMaker's own repositories; `DescribeImages` does not.
    """
    about = {"registryId": registry} if registry else {}
    return {**about, "repositoryName": repository, "imageIds": [{"imageTag": tag} for tag in tags]}
