"""sha256 of files that git does not know, remembered while the file system says that they are the same.

A file is the same while path, size, mtime, ctime and inode are. A file that was changed in the tick in which its digest
was taken may change again without any of these moving; so, as git does with its index, an entry is only believed where
the file was last touched before the digests were taken. https://git-scm.com/docs/racy-git
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.errors import InputsMoved, ProviderError

_FORMAT = 1
Signature = tuple[int, int, int, int]
"""size, mtime_ns, ctime_ns, inode."""


@dataclass(frozen=True, slots=True)
class FileDigests:
    """`cache` is a JSON file; without it, and where it cannot be written, nothing changes but time."""

    cache: Path

    def of(self, paths: Iterable[Path]) -> tuple[str, ...]:
        """Return the sha256 of each file, in their order.

        Raises:
            InputsMoved: a file was written to while it was read.
            ProviderError: a file cannot be read.

        """
        known, before = self._load()
        wanted = tuple(paths)
        fresh: dict[str, tuple[Signature, str]] = {}
        found: list[str] = []
        asked_at = 0
        for path in wanted:
            signed = signature(path)
            entry = known.get(str(path))
            if entry is not None and entry[0] == signed and max(signed[1], signed[2]) < before:
                found.append(entry[1])
                continue
            asked_at = asked_at or self._tick()
            digest = _sha256(path)
            if signature(path) != signed:
                raise InputsMoved(f"`{path}` was changed while it was read", hint="run the command again")
            fresh[str(path)] = (signed, digest)
            found.append(digest)
        if fresh and asked_at:
            # What is kept beside the new entries was believed at the older time, and is so at the newer one.
            believed = {path: entry for path, entry in known.items() if max(entry[0][1], entry[0][2]) < before}
            self._save({**believed, **fresh}, asked_at)
        return tuple(found)

    def _tick(self) -> int:
        """Return the file system's own time, in nanoseconds, which mtimes are of; 0 where nothing can be written."""
        try:
            self.cache.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.cache.parent, prefix=".tick-") as file:
                return os.fstat(file.fileno()).st_mtime_ns
        except OSError:
            return 0

    def _load(self) -> tuple[dict[str, tuple[Signature, str]], int]:
        try:
            data = json.loads(self.cache.read_bytes())
            if data["format"] != _FORMAT:
                return {}, 0
            files = {path: ((a, b, c, d), digest) for path, (a, b, c, d, digest) in data["files"].items()}
            return files, int(data["before"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}, 0  # a cache that cannot be read is no cache

    def _save(self, files: dict[str, tuple[Signature, str]], before: int) -> None:
        data = {"format": _FORMAT, "before": before, "files": {p: [*s, d] for p, (s, d) in sorted(files.items())}}
        with suppress(OSError):
            handle, draft = tempfile.mkstemp(dir=self.cache.parent, prefix=".digests-")
            try:
                with os.fdopen(handle, "w") as file:
                    json.dump(data, file)
                Path(draft).replace(self.cache)
            finally:
                Path(draft).unlink(missing_ok=True)


def signature(path: Path) -> Signature:
    """Return what changes with a file's content.

    Raises:
        ProviderError: the file cannot be looked at.

    """
    try:
        found = path.stat()
    except OSError as error:
        raise ProviderError(f"cannot read `{path}`: {error.strerror}") from error
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ProviderError(f"cannot read `{path}`: {error.strerror}") from error
