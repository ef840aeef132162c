"""A store of one's own over one that is only read: what a pull request writes never reaches what it reads."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.adapters.formats import LARGEST_RECORD, PULL_REQUESTS

if TYPE_CHECKING:
    from mlops_ci.ports.offers import Offered
    from mlops_ci.ports.stores import ArtifactStore, RecordStore


def own_store(store: Path, pull_request: str) -> Path:
    """Return the folder of the store that a pull request writes to."""
    return store / PULL_REQUESTS / pull_request


def own_stores(store: Path) -> tuple[tuple[str, Path], ...]:
    """Return (pull request, folder) of every such store, sorted.

    One that holds a link, a pipe, a device or a record of more than 16 MiB is left out: no command of ours makes these,
    and reading them need not end.
    """
    try:
        found = sorted((store / PULL_REQUESTS).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return tuple(
        (place.name, place) for place in found if not place.is_symlink() and place.is_dir() and _is_plain(place)
    )


def records_of(store: Path, pull_request: str) -> RecordStore:
    """Return the records that a command reads and writes; empty for none, a pull request's are layered."""
    records = FolderRecords(store)
    return LayeredRecords(FolderRecords(own_store(store, pull_request)), records) if pull_request else records


def artifacts_of(store: Path, pull_request: str) -> ArtifactStore:
    """Return the artifacts that a command reads and writes, in the same way."""
    from mlops_ci.adapters.files.artifacts import FolderArtifacts

    artifacts = FolderArtifacts(store)
    return LayeredArtifacts(FolderArtifacts(own_store(store, pull_request)), artifacts) if pull_request else artifacts


def offers(store: Path) -> tuple[Offered, ...]:
    """Return what every pull request recorded."""
    from mlops_ci.adapters.files.artifacts import FolderArtifacts
    from mlops_ci.ports.offers import Offered

    return tuple(Offered(name, FolderRecords(own), FolderArtifacts(own)) for name, own in own_stores(store))


def stamp(store: Path) -> str:
    """Return what changes whenever something comes to such a store, or goes; a link to a folder is something, too."""
    found: list[tuple[str, int, int]] = []
    for base, folders, files in os.walk(store / PULL_REQUESTS):
        for place in (Path(base, name) for name in (*files, *folders)):
            with suppress(FileNotFoundError):  # somebody removed it meanwhile
                about = place.lstat()
                if not stat.S_ISDIR(about.st_mode):
                    found.append((str(place), about.st_size, about.st_mtime_ns))
    return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()


def _is_plain(folder: Path) -> bool:
    for base, folders, files in os.walk(folder):
        if any(Path(base, name).is_symlink() for name in folders):
            return False
        for name in files:
            try:
                about = Path(base, name).lstat()
            except FileNotFoundError:  # somebody removed it meanwhile
                continue
            is_record = "records" in Path(base).relative_to(folder).parts[:1]
            if not stat.S_ISREG(about.st_mode) or (is_record and about.st_size > LARGEST_RECORD):
                return False
    return True


@dataclass(frozen=True, slots=True)
class LayeredRecords:
    """A `RecordStore`: puts go to `own`, and of two records of one name `own` has the say."""

    own: RecordStore
    below: RecordStore

    def put(self, name: str, content: bytes) -> bool:
        """Keep `content` in the own store if neither has the name; return whether it was this call that put it."""
        return self.below.get(name) is None and self.own.put(name, content)

    def get(self, name: str) -> bytes | None:
        """Return what is kept under `name`, the own first, or None."""
        found = self.own.get(name)
        return self.below.get(name) if found is None else found

    def scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Return every (name, content) whose name starts with `prefix`, sorted by name."""
        own = frozenset(self.own.listed(prefix))
        if not own:  # most of a large estate is no matter of this pull request
            return self.below.scan(prefix)
        names = sorted(own.union(self.below.listed(prefix)))
        return (
            (name, content)
            for name in names
            if (content := self.get(name) if name in own else self.below.get(name)) is not None
        )

    def listed(self, prefix: str) -> tuple[str, ...]:
        """Return every name that starts with `prefix`, sorted."""
        own = self.own.listed(prefix)
        return tuple(sorted({*self.below.listed(prefix), *own})) if own else self.below.listed(prefix)

    def names(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return every (name, stamp) whose name starts with `prefix`, sorted by name, without reading a content."""
        own = self.own.names(prefix)
        below = self.below.names(prefix)
        return tuple(sorted({**dict(below), **dict(own)}.items())) if own else below

    def listing(self, models: tuple[str, ...]) -> LayeredRecords:
        """Return both with their names as they are now."""
        return LayeredRecords(self.own.listing(models), self.below.listing(models))

    def loaded(self, models: tuple[str, ...]) -> LayeredRecords:
        """Return both with their contents at hand."""
        return LayeredRecords(self.own.loaded(models), self.below.loaded(models))

    def settle(self) -> None:
        """Do nothing: what a pull request put is read by few, and what is below is not its to write."""


@dataclass(frozen=True, slots=True)
class LayeredArtifacts:
    """An `ArtifactStore`: puts go to `own`; what it lacks is fetched from below."""

    own: ArtifactStore
    below: ArtifactStore

    def put(self, source: Path | bytes) -> str:
        """Keep the bytes in the own store and return their sha256."""
        return self.own.put(source)

    def fetch(self, digest: str) -> Path:
        """Return a read-only local file with exactly these bytes.

        Raises:
            IntegrityError: what is kept has other bytes.
            ProviderError: neither store keeps anything under this digest.

        """
        return self.own.fetch(digest) if self.own.has(digest) else self.below.fetch(digest)

    def has(self, digest: str) -> bool:
        """Return whether either store keeps something under this digest."""
        return self.own.has(digest) or self.below.has(digest)
