"""Artifacts in a folder: `artifacts/sha256/ab/<sha256>`, read-only, verified whenever they are used."""

from __future__ import annotations

import hashlib
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.files.durable import drafted, publish, settle
from mlops_ci.adapters.files.layout import check, make_ready
from mlops_ci.errors import IntegrityError, ProviderError

_CHUNK = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FolderArtifacts:
    """An `ArtifactStore` in the folder of a store. Such folders merge by copying one over the other."""

    store: Path

    def put(self, source: Path | bytes) -> str:
        """Keep the bytes of a file (or these) and return their sha256. A damaged copy is replaced by the good bytes.

        Raises:
            ProviderError: the source cannot be read or the store cannot be written; nothing half-written is left.

        """
        check(self.store)
        with guarded("keep an artifact in", self.store):
            if isinstance(source, bytes) and self._holds(digest := hashlib.sha256(source).hexdigest()):
                return digest
            with _opened(source) as incoming, drafted(self.store) as (stream, draft):
                digest = _copied(incoming, stream)
                settle(stream)
                make_ready(self.store)
                _keep(draft, self._place(digest), digest)
            return digest

    def fetch(self, digest: str) -> Path:
        """Return the read-only file with exactly these bytes: it is read and compared on every call.

        Raises:
            IntegrityError: what is kept has other bytes.
            ProviderError: nothing is kept under this digest, or it cannot be read.

        """
        place = self._place(digest)
        if not self.has(digest):
            raise ProviderError(
                f"the store `{self.store}` has no artifact {digest[:12]}",
                hint="copy it from the store it was made in, or make it again with `mlops-ci train --replace`",
            )
        with guarded("read", place):
            found = _sha256(place)
        if found != digest:
            raise IntegrityError(
                f"`{place}` is damaged: expected sha256 {digest}, found {found}",
                hint=f"`rm -f {place}`, then copy it from another store or `mlops-ci train --replace`",
            )
        return place

    def has(self, digest: str) -> bool:
        """Return whether something is kept under this digest, without reading it."""
        return _DIGEST.fullmatch(digest) is not None and self._place(digest).is_file()

    def _holds(self, digest: str) -> bool:
        """Return whether exactly these bytes are kept; reading them costs less than a file that is written again."""
        place = self._place(digest)
        return place.is_file() and _sha256(place) == digest

    def _place(self, digest: str) -> Path:
        return self.store / "artifacts" / "sha256" / digest[:2] / digest


def _keep(draft: Path, target: Path, digest: str) -> None:
    """Give a draft its name. Where it is there already its time is renewed, so that nobody takes it for left over."""
    while not publish(draft, target):
        try:
            os.utime(target)
            if _sha256(target) == digest:
                return
        except FileNotFoundError:
            continue  # it was taken out at this moment
        except PermissionError:
            pass  # another user's: ours takes its place
        draft.replace(target)
        draft.touch()
        return


def _opened(source: Path | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _copied(incoming: IO[bytes], stream: IO[bytes]) -> str:
    """Return the sha256 of what was copied: the bytes are read once, so they cannot change in between."""
    digest = hashlib.sha256()
    while chunk := incoming.read(_CHUNK):
        digest.update(chunk)
        stream.write(chunk)
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
