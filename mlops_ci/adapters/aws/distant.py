"""Objects of S3 that are data: listed for a plan, fetched for a training, never written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mlops_ci.adapters.aws.account import Clients
from mlops_ci.adapters.aws.store.problems import code_of, guarded
from mlops_ci.errors import InputsMoved, ProviderError
from mlops_ci.model.address import SCHEME
from mlops_ci.model.sources import is_hidden
from mlops_ci.ports.far import FarObject

_CHUNK = 1 << 20
_TRIES = 5
_CHANGED = frozenset({"PreconditionFailed", "412", "NoSuchKey", "404"})


@dataclass(frozen=True, slots=True)
class S3Objects:
    """Implements `ports.far.FarObjects`. A tag is S3's entity tag, which a read then asks for."""

    clients: Clients

    def listed(self, address: str) -> tuple[FarObject, ...]:
        """Return the object at an address, or all below it, sorted by name; a thousand a request.

        What an address means that does not end in `/` is found by its form first: what has a suffix is likely an
        object, all else likely a folder. Where it is the other one, a second request finds it.
        """
        bucket, _, key = address.removeprefix(SCHEME).partition("/")
        folder = f"{key.rstrip('/')}/" if key else ""
        if not key or key.endswith("/"):
            return tuple(self._below(bucket, folder))
        if "." in key.rpartition("/")[2]:
            return self._one(bucket, key) or tuple(self._below(bucket, folder))
        return tuple(self._below(bucket, folder)) or self._one(bucket, key)

    def fetch(self, found: FarObject, to: Path) -> None:
        """Write an object's content to a file.

        Raises:
            InputsMoved: it has another content than when it was listed, or is gone.

        """
        client = self._client(found.address)
        from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError, ResponseStreamingError

        bucket, _, key = found.address.removeprefix(SCHEME).partition("/")
        asked = {"Bucket": bucket, "Key": key, "IfMatch": f'"{found.tag}"'}
        breaks = 0
        with to.open("wb") as out, guarded("s3:GetObject", bucket, key):
            while out.tell() < found.size:  # a stream that broke is asked for from where it broke
                try:
                    for chunk in client.get_object(**asked, Range=f"bytes={out.tell()}-")["Body"].iter_chunks(_CHUNK):
                        out.write(chunk)
                except ClientError as error:
                    if code_of(error) not in _CHANGED:
                        raise
                    summary = f"`{found.address}` was changed after it was listed"
                    raise InputsMoved(summary, hint="type the command again") from error
                except (HTTPClientError, IncompleteReadError, ResponseStreamingError) as error:
                    breaks += 1
                    if breaks == _TRIES:
                        hint = "look at the network, then type the command again"
                        summary = f"reading `{found.address}` broke off {_TRIES} times"
                        raise ProviderError(summary, hint=hint, detail=str(error)) from error

    def _one(self, bucket: str, key: str) -> tuple[FarObject, ...]:
        """Return the object that has a key; none where there is none."""
        for found in self._pages(bucket, key, most=1):
            if found["Key"] == key:
                return (_object(bucket, found, key.rpartition("/")[2]),)
            break
        return ()

    def _below(self, bucket: str, folder: str) -> Iterator[FarObject]:
        found = ((one["Key"][len(folder) :], one) for one in self._pages(bucket, folder))
        there = [(name, one) for name, one in found if name and not name.endswith("/") and not is_hidden(name)]
        for name, one in sorted(there, key=lambda pair: pair[0]):
            yield _object(bucket, one, name)

    def _pages(self, bucket: str, prefix: str, most: int = 1000) -> Iterator[dict[str, Any]]:
        client = self._client(f"{SCHEME}{bucket}/{prefix}")
        asked: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": most}
        while True:
            with guarded("s3:ListBucket", bucket):
                page = client.list_objects_v2(**asked)
            yield from page.get("Contents", ())
            if not page.get("IsTruncated") or most == 1:
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def _client(self, address: str) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        if find_spec("boto3") is None:
            summary = f"data at `{address}` needs boto3, which is not installed"
            raise ProviderError(summary, hint="pip install 'mlops-ci[aws]'")
        return self.clients.of("s3")


def _object(bucket: str, found: dict[str, Any], name: str) -> FarObject:
    return FarObject(f"{SCHEME}{bucket}/{found['Key']}", name, found["Size"], found["ETag"].strip('"'))
