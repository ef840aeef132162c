"""The files behind a path of `data`: those of the snapshot, or, where it has none, those on disk."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mlops_ci.adapters.files.digests import FileDigests
from mlops_ci.adapters.files.problems import Problems
from mlops_ci.errors import InputsMoved, ProviderError
from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.model import Tree
from mlops_ci.model.sources import is_hidden, visible, within


@dataclass(frozen=True, slots=True)
class Distant:
    """Where bytes are that are on no disk yet: `fetch` returns the file that has them then."""

    fetch: Callable[[], Path]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file: how it is shown, its name below the path it was found by, what it is, and where its bytes are.

    `identity` is a git blob id, `sha256:` and the digest, or a tag of S3. `source` is a place on disk, the snapshot, or
    far away.
    """

    shown: str
    name: str
    identity: str
    source: Path | Tree | Distant

    def open(self) -> IO[bytes]:
        """Return the file, opened to read.

        Raises:
            InputsMoved: its bytes are not those of its identity.
            ProviderError: it cannot be read.

        """
        try:
            if isinstance(self.source, Distant):
                return self.source.fetch().open("rb")
            if isinstance(self.source, Path):
                return self.source.open("rb")
            content = self.source.read(self.shown)
        except OSError as error:
            raise ProviderError(f"cannot read `{self.shown}`: {error.strerror or 'not there'}") from error
        if blob_id(content) != self.identity:
            raise InputsMoved(f"`{self.shown}` was changed after its digest was taken", hint="run the command again")
        return io.BytesIO(content)


@dataclass(frozen=True, slots=True)
class DataFiles:
    """Finds files. `project` is the folder that the snapshot's paths are relative to."""

    project: Path
    known: FileDigests

    def behind(self, path: str, tree: Tree, folder: str, problems: Problems) -> tuple[DataFile, ...]:
        """Return the file at `path`, relative to the model's folder, or every file below it, sorted by name.

        Where the snapshot has a file there, its files count and no others; else those on disk (ignored by git, or
        outside of the project). Names that start with a dot are left out. Nothing there is told as a problem.

        Raises:
            ProviderError: a file cannot be read.
            InputsMoved: a file was changed while it was read.

        """
        inside = within(folder, path)
        if inside is not None and (blobs := visible(tree.blobs(inside), inside)):
            return tuple(DataFile(at, _name(at, inside), blob, tree) for at, blob in blobs)
        root = self.project / (inside if inside is not None else Path(folder, path))
        places = tuple(_below(root))
        if not places:
            problems.add("missing-data", inside or path, f"there is no data at `{path}`",
                         hint="paths of `data` are relative to the model's folder")  # fmt: skip
        return tuple(
            DataFile(self._shown(place), _name(place.as_posix(), root.as_posix()), f"sha256:{digest}", place)
            for place, digest in zip(places, self.known.of(places), strict=True)
        )

    def unmoved(self, files: tuple[DataFile, ...]) -> None:
        """Return if every file on disk is still what its identity says; those of the snapshot are checked as read.

        Raises:
            InputsMoved: one is not.

        """
        places = tuple((file, file.source) for file in files if isinstance(file.source, Path))
        for (file, place), digest in zip(places, self.known.of(p for _, p in places), strict=True):
            if f"sha256:{digest}" != file.identity:
                raise InputsMoved(f"`{place}` was changed while it was read", hint="run the command again")

    def _shown(self, place: Path) -> str:
        return place.relative_to(self.project).as_posix() if place.is_relative_to(self.project) else str(place)


def _below(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    below = {place.relative_to(root).as_posix(): place for place in root.rglob("*") if place.is_file()}
    # The order of the names as text is the order in which git lists them.
    yield from (below[name] for name in sorted(below) if not is_hidden(name))


def _name(path: str, root: str) -> str:
    """Return a file's path below the one it was found by; its own name where it is that one."""
    return path.rpartition("/")[2] if path == root else path[len(root) :].lstrip("/")
