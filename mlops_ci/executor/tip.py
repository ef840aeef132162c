"""The branch's tip as this machine sees it: the tip's files, and beside them the files here that git ignores."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.model import Tree


@dataclass(frozen=True, slots=True)
class TipTree:
    """Implements `model.Tree`. `tip` is the commit's tree, `here` the working tree.

    What git ignores is in no commit: data, or a model trained elsewhere. A tip that names such a file means the one
    that is here.
    """

    tip: Tree
    here: Tree

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return sorted (path, blob id) pairs of the commit at or below `prefix`."""
        return self.tip.blobs(prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return a file's bytes: the commit's, else those of a file here that git ignores.

        Raises:
            FileNotFoundError: neither has it.

        """
        try:
            return self.tip.read(path, limit)
        except FileNotFoundError:
            if self.tip.blobs(path) or self.here.blobs(path):
                raise  # git knows it: what the tip does not hold is not there
            return self.here.read(path, limit)

    def links(self, prefix: str) -> tuple[str, ...]:
        """Return the symbolic links of the commit."""
        return self.tip.links(prefix)
