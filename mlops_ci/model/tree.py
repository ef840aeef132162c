"""A snapshot of the repository's files: a commit, or the working tree."""

from __future__ import annotations

from typing import Protocol


class Tree(Protocol):
    """Paths are relative to the project folder, with `/`; a blob id is what git calls the file's content.

    The set of paths is what git tracks, and for a working tree also what it would add (untracked, not ignored).
    Symbolic links of that set are no files: they are listed apart, and nothing is read through them.
    """

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return sorted (path, blob id) pairs of every file at or below `prefix` (empty: the whole project)."""
        ...

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes, at most `limit` of them. A working tree also reads files that git ignores.

        Raises:
            FileNotFoundError: no such file in this snapshot.

        """
        ...

    def links(self, prefix: str) -> tuple[str, ...]:
        """Return the sorted paths of the symbolic links at or below `prefix`, and of those that it lies behind."""
        ...
