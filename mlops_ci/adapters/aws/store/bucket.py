"""A bucket, as stores use it: put, get, look, list. Every answer of S3 is translated here."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import IO, Any

from mlops_ci.adapters.aws.renewing import client_of
from mlops_ci.adapters.aws.store.problems import code_of, guarded
from mlops_ci.errors import ProviderError
from mlops_ci.model.address import Address

PART = 64 << 20
"""Bytes from which on an object is sent in parts, and of each of these: 10,000 of them are 640 GB."""

PAGE = 1000
"""Objects that a listing has a request, S3's own most."""

_TRIES = 5
_ABSENT = {"NoSuchKey", "404", "NotFound"}
_CONFLICT = "ConditionalRequestConflict"


@dataclass(frozen=True, slots=True)
class Listed:
    """An object: its key below the address, its size in bytes, and a stamp that stays while its content does."""

    key: str
    size: int
    stamp: str
    at: float = 0.0
    """When it was put, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Read:
    """An object's content, its stamp, and whether that is the md5 of the content: under a key of KMS it is not."""

    content: bytes
    stamp: str
    is_md5: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an object without reading it; `checksum` is S3's, base64, empty where it keeps none."""

    size: int
    checksum: str


@dataclass(slots=True)
class Connection:
    """boto3's client, made when it is first needed, and again in a forked child: sockets are not shared.

    Without a `region` it is the one that boto3 finds.
    """

    region: str = ""
    _client: Any = None
    _process: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, store: str) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        """Return the client.

        Raises:
            ProviderError: boto3 is not installed, or what it finds in files and environment is wrong.

        """
        if self._client is None or self._process != os.getpid():
            with self._lock:
                if self._client is None or self._process != os.getpid():
                    self._client, self._process = _client(store, self.region), os.getpid()
        return self._client


@dataclass(frozen=True, slots=True)
class Bucket:
    """The objects below an address. Keys are relative to it."""

    address: Address
    kms_key: str = ""
    connection: Connection = field(default_factory=Connection, compare=False)

    def put_new(self, key: str, content: bytes) -> str:
        """Put an object if nothing has its key; return its stamp, empty where it was not this call that put it.

        Where a connection broke after S3 had acted, boto3 asks again and finds its own object: a token in the
        object's metadata tells that it is ours.
        """
        client = self._client()
        from botocore.exceptions import ClientError

        token = uuid.uuid4().hex
        for left in reversed(range(_TRIES)):
            with self._guarded("PutObject", key):
                try:
                    put = client.put_object(
                        Body=content, IfNoneMatch="*", Metadata={"writer": token}, ContentType="application/json",
                        **_sum(hashlib.sha256(content).hexdigest()),
                        **self._at(key), **self._encrypted(),
                    )  # fmt: skip
                except ClientError as error:
                    if code_of(error) == "PreconditionFailed":
                        asked_again = error.response["ResponseMetadata"].get("RetryAttempts", 0)
                        return self._own(key, token) if asked_again else ""
                    if code_of(error) != _CONFLICT or not left:
                        raise
                else:
                    return _stamp(put)
            time.sleep(0.05 * 2 ** (_TRIES - left))  # two write at this moment: S3 says, ask again
        raise AssertionError("the last try returns or raises")

    def put(self, key: str, stream: IO[bytes], size: int, digest: str) -> None:
        """Put an object, whatever has its key; S3 refuses bytes that changed on their way."""
        client = self._client()
        with self._guarded("PutObject", key):
            if size < PART:
                client.put_object(Body=stream, **_sum(digest), **self._at(key), **self._encrypted())
                return
            from boto3.s3.transfer import TransferConfig

            client.upload_fileobj(
                stream, self.address.bucket, self._at(key)["Key"],
                ExtraArgs={"ChecksumAlgorithm": "SHA256", **self._encrypted()},
                Config=TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=2),
            )  # fmt: skip

    def get(self, key: str) -> bytes | None:
        """Return the content of an object, or None where there is none."""
        found = self.read(key)
        return None if found is None else found.content

    def read(self, key: str) -> Read | None:
        """Return an object whole, or None where there is none."""
        first = self._opened(key, 0)
        if first is None:
            return None
        is_md5 = "kms" not in str(first.get("ServerSideEncryption", ""))
        return Read(b"".join(self._streamed(key, first, 1 << 20)), _stamp(first), is_md5)

    def chunks(self, key: str, size: int = 1 << 20) -> Iterator[bytes] | None:
        """Return the content of an object in portions, or None. A broken stream is asked for from where it broke."""
        first = self._opened(key, 0)
        return None if first is None else self._streamed(key, first, size)

    def look(self, key: str) -> Seen | None:
        """Return what is known of an object, or None where there is none; nothing is read."""
        client = self._client()
        from botocore.exceptions import ClientError

        with self._guarded("GetObject", key):
            try:
                found = client.head_object(ChecksumMode="ENABLED", **self._at(key))
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    return None
                raise
        return Seen(found["ContentLength"], found.get("ChecksumSHA256", ""))

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield every object whose key starts with `prefix`, in S3's order, a thousand a request."""
        for page in self.pages(prefix):
            yield from page

    def pages(self, prefix: str, after: str = "", most: int = 0) -> Iterator[tuple[Listed, ...]]:
        """Yield the same, a request at a time; only keys behind `after`, and `most` a request."""
        client, cut = self._client(), len(self.address.prefix)
        asked: dict[str, Any] = {
            "Bucket": self.address.bucket,
            "Prefix": self.address.prefix + prefix,
            "MaxKeys": most or PAGE,
        }
        if after:
            asked["StartAfter"] = self.address.prefix + after
        while True:
            with guarded("s3:ListBucket", self.address.bucket):
                page = client.list_objects_v2(**asked)
            yield tuple(
                Listed(found["Key"][cut:], found["Size"], _stamp(found), found["LastModified"].timestamp())
                for found in page.get("Contents", ())
            )
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def remove(self, key: str) -> None:
        """Take an object out; one that is not there is no problem."""
        with self._guarded("DeleteObject", key):
            self._client().delete_object(**self._at(key))

    def _opened(self, key: str, start: int) -> Any:  # noqa: ANN401 - as above
        client = self._client()
        from botocore.exceptions import ClientError

        rest = {"Range": f"bytes={start}-"} if start else {}
        with self._guarded("GetObject", key):
            try:
                return client.get_object(**self._at(key), **rest)
            except ClientError as error:
                if code_of(error) in _ABSENT and not start:
                    return None
                raise

    def _streamed(self, key: str, answer: Any, size: int) -> Iterator[bytes]:  # noqa: ANN401 - as above
        from botocore.exceptions import HTTPClientError, IncompleteReadError, ResponseStreamingError

        seen, breaks = 0, 0
        while True:
            try:
                for chunk in answer["Body"].iter_chunks(size):
                    seen += len(chunk)
                    yield chunk
            except (HTTPClientError, IncompleteReadError, ResponseStreamingError) as error:
                breaks += 1
                if breaks == _TRIES:
                    hint = "look at the network, then type the command again"
                    summary = f"reading `s3://{self.address.bucket}/{self._at(key)['Key']}` broke off {_TRIES} times"
                    raise ProviderError(summary, hint=hint, detail=str(error)) from error
                answer = self._opened(key, seen)
            else:
                return

    def _own(self, key: str, token: str) -> str:
        """Return the stamp of an object where this call put it, else nothing."""
        with self._guarded("GetObject", key):
            found = self._client().head_object(**self._at(key))
        return _stamp(found) if found["Metadata"].get("writer", "") == token else ""

    def _client(self) -> Any:  # noqa: ANN401 - as above
        return self.connection.client(str(self.address))

    def _guarded(self, action: str, key: str) -> Any:  # noqa: ANN401 - a context
        return guarded(f"s3:{action}", self.address.bucket, self._at(key)["Key"])

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.address.bucket, "Key": self.address.prefix + key}

    def _encrypted(self) -> dict[str, str]:
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key} if self.kms_key else {}


def _stamp(answer: Mapping[str, Any]) -> str:
    return str(answer["ETag"]).strip('"')


def is_same(seen: Seen | None, digest: str, size: int) -> bool:
    """Return whether an object has the bytes of this sha256 and size, as far as S3 can say without sending them.

    What is there in another size, or with another checksum, is damaged. What was sent in parts, or copied there by
    others, has no checksum of the whole.
    """
    if seen is None or seen.size != size:
        return False
    whole = base64.b64encode(bytes.fromhex(digest)).decode()
    return size >= PART or seen.checksum in {"", whole} or "-" in seen.checksum


def _sum(digest: str) -> dict[str, str]:
    return {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": base64.b64encode(bytes.fromhex(digest)).decode()}


def _client(store: str, region: str) -> Any:  # noqa: ANN401 - as above
    if find_spec("boto3") is None:
        summary = f"the store `{store}` needs boto3, which is not installed"
        raise ProviderError(summary, hint="pip install 'mlops-ci[aws]'")
    from botocore.config import Config

    with guarded("s3", store):
        return client_of(
            "s3",
            region_name=region or None,
            config=Config(
                retries={"mode": "standard", "total_max_attempts": _TRIES},
                connect_timeout=10,
                max_pool_connections=32,
                # We send a sha256 of our own; a second checksum is what some services other than AWS do not know.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
