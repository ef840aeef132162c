"""A tree in memory, for tests of anything that reads a repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci.fingerprint.canonical import blob_id


@dataclass(frozen=True, slots=True)
class MemoryTree:
    """A `Tree` of the files given (path relative to the project, bytes), with the blob ids that git would give.

    `linked` are the paths of symbolic links.
    """

    files: Mapping[str, bytes]
    linked: tuple[str, ...] = ()

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return sorted (path, blob id) pairs of every file at or below `prefix` (empty: all)."""
        folder = f"{prefix.rstrip('/')}/"
        return tuple(
            (path, blob_id(content))
            for path, content in sorted(self.files.items())
            if not prefix or path == prefix or path.startswith(folder)
        )

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes, at most `limit` of them.

        Raises:
            FileNotFoundError: no such file.

        """
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path][:limit]

    def links(self, prefix: str) -> tuple[str, ...]:
        """Return the sorted paths of symbolic links at or below `prefix`, and of those that it lies behind."""
        return tuple(
            at
            for at in sorted(self.linked)
            if not prefix or f"{at}/".startswith(f"{prefix}/") or prefix.startswith(f"{at}/")
        )
