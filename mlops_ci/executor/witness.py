"""A tree that remembers what it was asked, so that an answer can be believed again while all of that is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from mlops_ci.model import Tree

MISSING = "missing"


class Witness:
    """Implements `model.Tree` over another one."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._places: set[str] = set()
        self._reads: set[tuple[str, int]] = set()

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return what the tree has there."""
        self._places.add(prefix)
        return self._tree.blobs(prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return what the tree has there; a file that it reads without listing it, or lists and lacks, is remembered."""
        self._places.add(path)
        if not self._tree.blobs(path):
            self._reads.add((path, -1 if limit is None else limit))
        try:
            return self._tree.read(path, limit)
        except OSError:
            self._reads.add((path, -1 if limit is None else limit))
            raise

    def links(self, prefix: str) -> tuple[str, ...]:
        """Return the links that the tree has there."""
        self._places.add(prefix)
        return self._tree.links(prefix)

    def places(self, folder: str) -> tuple[str, ...]:
        """Return the places outside of a folder that were looked at, sorted."""
        return tuple(sorted(p for p in self._places if p != folder and not p.startswith(f"{folder}/")))

    def reads(self) -> tuple[tuple[str, int], ...]:
        """Return (path, limit) of every file that was read, or missed, and is not listed; -1 is no limit. Sorted."""
        return tuple(sorted(self._reads))


def read_digests(tree: Tree, reads: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Return the sha256 of what such files hold now, `missing` where there is none."""
    return tuple(_digest(tree, path, limit) for path, limit in reads)


def _digest(tree: Tree, path: str, limit: int) -> str:
    try:
        content = tree.read(path, None if limit < 0 else limit)
    except OSError as error:
        return f"{MISSING} {type(error).__name__}"
    return hashlib.sha256(content).hexdigest()
