"""A model's archive as its container gets it: from S3, with the code that a submit directory adds."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from mlops_ci.testing.aws.fleets.configs import Container
from mlops_ci.testing.aws.fleets.instances import NotHealthy
from mlops_ci.testing.aws.fleets.places import Place

SUBMITTED = "SAGEMAKER_SUBMIT_DIRECTORY"
CODE = "code/"


def fetch(place: Place, container: Container, path: Path) -> dict[str, str]:
    """Write the archive of a container to a file, and return the environment it asks for.

    What lies at an `s3://` submit directory, as version 2 of the SDK sends it, replaces the archive's `code/`.

    Raises:
        NotHealthy: an object is not there, or is no archive.

    """
    environment = dict(container.environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    if container.model_data.endswith("/"):
        _pack(place, container.model_data, path)
    elif container.model_data:
        path.write_bytes(_read(place, container.model_data))
    else:
        tarfile.open(path, "w:gz").close()
    submitted = environment.get(SUBMITTED, "")
    if submitted.startswith("s3://"):
        code = _read(place, submitted)
        environment[SUBMITTED] = f"/opt/ml/model/{CODE.rstrip('/')}"
        try:
            _add(path, code)
        except tarfile.TarError as cause:
            raise NotHealthy(f'The archive at "{submitted}" or "{container.model_data}" is none: {cause}') from cause
    return environment


def _read(place: Place, url: str) -> bytes:
    from moto.s3.exceptions import MissingBucket

    bucket, _, key = url.removeprefix("s3://").partition("/")
    try:
        found = place.s3.get_object(bucket, key)
    except MissingBucket:
        found = None
    if found is None:
        raise NotHealthy(
            f'Failed to download model data for container "container_1" from URL: "{url}". Please ensure that there '
            "is an object located at the URL and that the role passed to CreateModel has permissions to download the "
            "object."
        )
    content: bytes = found.value
    return content


def _pack(place: Place, url: str, path: Path) -> None:
    """Write an archive of all objects below a prefix: a model that was not compressed."""
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    names = [name for name in place.s3.get_bucket(bucket).keys if name.startswith(prefix) and not name.endswith("/")]
    with tarfile.open(path, "w:gz") as made:
        for name in sorted(names):
            content = _read(place, f"s3://{bucket}/{name}")
            entry = tarfile.TarInfo(name.removeprefix(prefix))
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))


def _add(path: Path, code: bytes) -> None:
    whole = path.with_suffix(".whole")
    with (
        tarfile.open(path, "r:*") as model,
        tarfile.open(fileobj=io.BytesIO(code), mode="r:*") as added,
        tarfile.open(whole, "w:gz") as made,
    ):
        for source, below in ((model, ""), (added, CODE)):
            for member in source:
                name = member.name.removeprefix("./")
                if below or not name.startswith(CODE):
                    member.name = below + name
                    made.addfile(member, source.extractfile(member) if member.isfile() else None)
    whole.replace(path)
