"""A tree that remembers what it was asked, so that an answer can be believed again while all of that is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.model import Tree


class Witness:
    """Implements `model.Tree` over another one."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._places: set[str] = set()
        self._reads: dict[tuple[str, int], str] = {}

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return what the tree has there."""
        self._places.add(prefix)
        return self._tree.blobs(prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return what the tree has there; bytes that are not those of the file that it lists are remembered apart."""
        self._places.add(path)
        key = (path, -1 if limit is None else limit)
        try:
            content = self._tree.read(path, limit)
        except OSError as error:
            self._reads.setdefault(key, _missing(error))
            raise
        listed = dict(self._tree.blobs(path)).get(path)
        is_whole = limit is None or len(content) < limit
        if listed is None or (is_whole and listed != blob_id(content)):
            self._reads.setdefault(key, hashlib.sha256(content).hexdigest())
        return content

    def links(self, prefix: str) -> tuple[str, ...]:
        """Return the links that the tree has there."""
        self._places.add(prefix)
        return self._tree.links(prefix)

    def places(self, folder: str) -> tuple[str, ...]:
        """Return the places outside of a folder that were looked at, sorted."""
        return tuple(sorted(p for p in self._places if p != folder and not p.startswith(f"{folder}/")))

    def reads(self) -> tuple[tuple[str, int], ...]:
        """Return (path, limit) of every file that was missed, or read and is not as listed; -1 is no limit. Sorted."""
        return tuple(sorted(self._reads))

    def digests(self) -> tuple[str, ...]:
        """Return for each of `reads` what was found, as `read_digests` does: then, whatever is there by now."""
        return tuple(self._reads[key] for key in self.reads())


def read_digests(tree: Tree, reads: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Return the sha256 of what such files hold now; where one cannot be read, why."""
    return tuple(_digest(tree, path, limit) for path, limit in reads)


def _digest(tree: Tree, path: str, limit: int) -> str:
    try:
        content = tree.read(path, None if limit < 0 else limit)
    except OSError as error:
        return _missing(error)
    return hashlib.sha256(content).hexdigest()


def _missing(error: OSError) -> str:
    return f"missing {type(error).__name__}"
