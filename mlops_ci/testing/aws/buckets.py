"""moto's S3, from within its process: files to folders and back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mlops_ci.testing.aws.failure import Failure


@dataclass(frozen=True, slots=True)
class Object:
    """An object, and where below a channel's folder its file goes."""

    bucket: str
    key: str
    place: str


def split(uri: str) -> tuple[str, str]:
    """Return bucket and key.

    Raises:
        Failure: it is no `s3://` address.

    """
    scheme, _, rest = uri.partition("://")
    if scheme not in {"s3", "https"} or not rest:
        raise Failure(f"ClientError: `{uri}` is no S3 address")
    bucket, _, key = rest.partition("/")
    return bucket, key


@dataclass(frozen=True, slots=True)
class Buckets:
    """The buckets that an account's jobs read and write."""

    account: str

    def below(self, uri: str) -> tuple[Object, ...]:
        """Return the objects whose keys begin with an address, sorted; folder markers are none.

        Raises:
            Failure: there is none, or no such bucket.

        """
        bucket, prefix = split(uri)
        names = sorted(name for name in self._bucket(bucket).keys if name.startswith(prefix))
        found = tuple(Object(bucket, name, _place(name, prefix)) for name in names if not name.endswith("/"))
        if not found:
            raise Failure(
                f'ClientError: Data download failed:No S3 objects found under S3 URL "{uri}" given in input data '
                "source. Please ensure that the bucket exists in the selected region and that objects exist under "
                "that S3 prefix."
            )
        return found

    def listed(self, uri: str) -> tuple[Object, ...]:
        """Return the objects that a manifest names: `[{"prefix": "s3://b/p/"}, "a.csv", …]`.

        Raises:
            Failure: it is no manifest, or not there.

        """
        try:
            first, *names = json.loads(self.read(*split(uri)))
            bucket, prefix = split(first["prefix"])
            return tuple(Object(bucket, prefix + name, str(PurePosixPath(name))) for name in names)
        except (ValueError, KeyError, TypeError) as cause:
            raise Failure(f"ClientError: Data download failed:`{uri}` is no manifest: {cause}") from cause

    def read(self, bucket: str, key: str) -> bytes:
        """Return an object's bytes.

        Raises:
            Failure: there is none.

        """
        found = self._backend().get_object(bucket, key) if self._bucket(bucket) is not None else None
        if found is None:
            raise Failure(
                f"ClientError: Data download failed:NoSuchKey (404): The specified key does not exist: s3://{bucket}/{key}"
            )
        value: bytes = found.value
        return value

    def fetch(self, uri: str, path: Path) -> None:
        """Write an object to a file."""
        path.write_bytes(self.read(*split(uri)))

    def place(self, objects: tuple[Object, ...], folder: Path) -> None:
        """Write objects to their places in a folder."""
        for found in objects:
            path = folder / found.place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.read(found.bucket, found.key))

    def put(self, uri: str, content: bytes) -> None:
        """Make an object.

        Raises:
            Failure: there is no such bucket.

        """
        bucket, key = split(uri)
        self._bucket(bucket)
        self._backend().put_object(bucket, key, content)

    def put_below(self, folder: Path, uri: str) -> None:
        """Make an object of every file below a folder."""
        for path in sorted(found for found in folder.rglob("*") if found.is_file()):
            self.put(f"{uri.rstrip('/')}/{path.relative_to(folder).as_posix()}", path.read_bytes())

    def _bucket(self, name: str) -> Any:  # noqa: ANN401 - moto's class
        from moto.s3.exceptions import MissingBucket

        try:
            return self._backend().get_bucket(name)
        except MissingBucket as cause:
            raise Failure(
                f"ClientError: Data download failed:NoSuchBucket (404): The specified bucket does not exist: {name}"
            ) from cause

    def _backend(self) -> Any:  # noqa: ANN401 - moto's class
        from moto.s3.models import s3_backends

        return s3_backends[self.account]["aws"]


def _place(key: str, prefix: str) -> str:
    """Return where below a channel a key goes: without the prefix, as far as that is a folder."""
    folder = prefix if key.startswith(f"{prefix.rstrip('/')}/") else prefix.rpartition("/")[0]
    return key[len(folder) :].lstrip("/")
