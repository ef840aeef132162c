"""A model's archive as its container gets it, from S3."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from mlops_ci.testing.aws.buckets import Buckets
from mlops_ci.testing.aws.failure import Failure
from mlops_ci.testing.aws.fleets.configs import Container
from mlops_ci.testing.aws.fleets.instances import NotHealthy
from mlops_ci.testing.aws.fleets.places import Place


def fetch(place: Place, container: Container, path: Path) -> None:
    """Write the archive of a container to a file; of a model that was not compressed, one that is made of its objects.

    Raises:
        NotHealthy: it is not there; says so in SageMaker's words.

    """
    url, buckets = container.model_data, Buckets(place.account)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if url and not url.endswith("/"):
            buckets.fetch(url, path)
            return
        with tarfile.open(path, "w:gz") as made:
            for found in buckets.below(url) if url else ():
                content = buckets.read(found.bucket, found.key)
                entry = tarfile.TarInfo(found.place)
                entry.size = len(content)
                made.addfile(entry, io.BytesIO(content))
    except Failure as cause:
        raise NotHealthy(
            f'Failed to download model data for container "container_1" from URL: "{url}". Please ensure that there '
            "is an object located at the URL and that the role passed to CreateModel has permissions to download the "
            "object."
        ) from cause
