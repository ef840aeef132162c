"""Artifacts in a bucket: `artifacts/sha256/ab/<sha256>`, with a read-only copy on this disk of what was used here.

The sha256 of what is used is computed here on every call: S3 may keep a checksum, and not every service verifies it.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mlops_ci.adapters.aws.store.bucket import is_same
from mlops_ci.adapters.aws.store.layout import Layout
from mlops_ci.adapters.drafts import signed, sweep
from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.formats import is_digest
from mlops_ci.errors import IntegrityError, ProviderError

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class S3Artifacts:
    """An `ArtifactStore` in a bucket; `cache` is a folder of this machine, and deleting it costs time alone."""

    layout: Layout
    cache: Path

    def put(self, source: Path | bytes) -> str:
        """Keep the bytes of a file (or these) and return their sha256; what the bucket has already is not sent.

        The source is read once, into the copy on this disk, and that is sent: it cannot change in between.

        Raises:
            ProviderError: the source cannot be read, the disk or S3 refuses.

        """
        self.layout.make_ready()
        with guarded("keep an artifact in", self.cache), _opened(source) as incoming, self._drafted() as (out, draft):
            digest, size = _copied(incoming, out)
            out.flush()
            if not is_same(self.layout.bucket.look(_key(digest)), digest, size):
                with draft.open("rb") as stream:
                    self.layout.bucket.put(_key(digest), stream, size, digest)
            self._keep(draft, digest)
        return digest

    def fetch(self, digest: str) -> Path:
        """Return the read-only file with exactly these bytes: it is read and compared on every call.

        A copy on this disk that has other bytes is fetched anew.

        Raises:
            IntegrityError: what the bucket keeps has other bytes.
            ProviderError: nothing is kept under this digest, or it cannot be read.

        """
        place = self._place(digest)
        with guarded("read", place):
            if is_digest(digest) and _sha256(place) == digest:
                return place
        self.layout.check()
        chunks = self.layout.bucket.chunks(_key(digest)) if is_digest(digest) else None
        if chunks is None:
            raise ProviderError(
                f"the store `{self.layout.bucket.address}` has no artifact {digest[:12]}",
                hint="copy it from the store it was made in, or make it again with `mlops-ci train --replace`",
            )
        with guarded("keep an artifact in", self.cache), self._drafted() as (out, draft):
            found, _ = _written(chunks, out)
            out.flush()
            if found != digest:
                at = f"{self.layout.bucket.address}/{_key(digest)}"
                raise IntegrityError(
                    f"`{at}` is damaged: expected sha256 {digest}, found {found}",
                    hint=f"`aws s3 rm '{at}'`, then copy it from another store or `mlops-ci train --replace`",
                )
            self._keep(draft, digest)
        return place

    def has(self, digest: str) -> bool:
        """Return whether the bucket keeps something under this digest, without reading it."""
        return is_digest(digest) and self.layout.bucket.look(_key(digest)) is not None

    def _place(self, digest: str) -> Path:
        return self.cache / digest[:2] / digest

    def _keep(self, draft: Path, digest: str) -> None:
        place = self._place(digest)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.chmod(0o444)
        draft.replace(place)  # whoever has the one before open goes on reading it

    @contextmanager
    def _drafted(self) -> Iterator[tuple[IO[bytes], Path]]:
        """Give a new file beside the copies, and its path; it is gone afterwards, unless it got its name."""
        folder = self.cache / ".tmp"
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        handle, name = tempfile.mkstemp(dir=folder, prefix=signed())
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream, Path(name)
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()


def _key(digest: str) -> str:
    return f"artifacts/sha256/{digest[:2]}/{digest}"


def _opened(source: Path | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _copied(incoming: IO[bytes], out: IO[bytes]) -> tuple[str, int]:
    return _written(iter(lambda: incoming.read(_CHUNK), b""), out)


def _written(chunks: Iterator[bytes], out: IO[bytes]) -> tuple[str, int]:
    """Return sha256 and size of what was written; the bytes are seen once."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += out.write(chunk)
    return digest.hexdigest(), size


def _sha256(path: Path) -> str:
    """Return the sha256 of a file, empty where there is none."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return ""
