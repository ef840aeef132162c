"""Single objects on S3, by their addresses: what a batch run reads, and what it writes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from mlops_ci.adapters.aws.store.bucket import Bucket, Connection
from mlops_ci.errors import ProviderError, UsageError
from mlops_ci.model.address import SCHEME, Address, wrong_with

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects in any bucket that our credentials reach; what is written is encrypted with `kms_key` if there is one."""

    kms_key: str = ""
    connection: Connection = field(default_factory=Connection, compare=False)

    def listed(self, address: str) -> tuple[str, ...]:
        """Return the keys at or below an address, relative to it, in S3's order; the empty string is the object itself.

        Raises:
            UsageError: it is no address on S3.
            ProviderError: S3 says no.

        """
        bucket, key = self._at(address)
        if key and not key.endswith("/") and bucket.look(key) is not None:
            return ("",)
        below = f"{key}/" if key and not key.endswith("/") else key
        return tuple(found.key[len(below) :] for found in bucket.list(below) if not found.key.endswith("/"))

    def opened(self, address: str) -> IO[bytes]:
        """Return an object to read; a connection that breaks is taken up where it broke.

        Raises:
            ProviderError: there is none, or S3 says no.

        """
        bucket, key = self._at(address)
        chunks = bucket.chunks(key)
        if chunks is None:
            raise ProviderError(f"`{address}` is gone", hint="look at what `--input` names")
        return io.BufferedReader(_Chunks(chunks), 1 << 20)

    def put(self, source: Path, address: str) -> None:
        """Write an object, whatever has its key.

        Raises:
            ProviderError: S3 says no.

        """
        bucket, key = self._at(address)
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            bucket.put(key, stream, source.stat().st_size, digest)

    def _at(self, address: str) -> tuple[Bucket, str]:
        name, _, key = address.removeprefix(SCHEME).partition("/")
        wrong = wrong_with(f"{SCHEME}{name}") if address.startswith(SCHEME) else "other places than S3 are not known"
        if wrong:
            raise UsageError(f"`{address}` is no place of files: {wrong}", hint="a path, or `s3://bucket/key`")
        return Bucket(Address(name, ""), self.kms_key, self.connection), key


class _Chunks(io.RawIOBase):
    """A stream over portions of bytes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill a buffer with what comes next; 0 at the end."""
        if not self._left:
            self._left = next(self._chunks, b"")
        view = memoryview(buffer).cast("B")
        taken = self._left[: len(view)]
        view[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)
