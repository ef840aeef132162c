"""Looking after a store: what is in it, and taking out what nothing needs. The stores themselves only ever grow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from mlops_ci.ports.stores import ArtifactStore, RecordStore


@dataclass(frozen=True, slots=True)
class Held:
    """Something in a store: `size` in bytes, `changed` the seconds since the epoch when it was put, last."""

    name: str
    size: int
    changed: float


@dataclass(frozen=True, slots=True)
class Another:
    """A store to copy from."""

    records: RecordStore
    artifacts: ArtifactStore


class Inventory(Protocol):
    """Lists a store without reading a content. What comes or goes meanwhile may be there or not."""

    def records(self) -> Iterator[Held]:
        """Yield every record, sorted by name."""
        ...

    def artifacts(self) -> Iterator[Held]:
        """Yield every artifact, sorted by digest."""
        ...

    def strays(self) -> Iterator[Held]:
        """Yield what is neither, by its path in the store: half-written files of somebody killed, foreign files."""
        ...

    def pull_requests(self) -> Iterator[Held]:
        """Yield what each pull request keeps, by its id: all its bytes, the newest time."""
        ...


class Pruning(Protocol):
    """Takes things out of a store for good. Doing it twice is doing it once."""

    def remove_record(self, name: str) -> None:
        """Take a record out."""
        ...

    def remove_artifact(self, digest: str, *, before: float) -> bool:
        """Take an artifact out unless it was put again since `before` (seconds since the epoch); return whether."""
        ...

    def remove_draft(self, path: str) -> None:
        """Take a half-written file out."""
        ...

    def remove_pull_request(self, pull_request: str) -> None:
        """Take out all that a pull request keeps."""
        ...

    def restore(self) -> None:
        """Put back what somebody was killed over while taking it out."""
        ...


class Branches(Protocol):
    """What the repository's branches say, local and remote ones, as far as they are known here."""

    def released(self) -> frozenset[str]:
        """Return every digest that a release file at the tip of any branch names."""
        ...

    def models(self) -> frozenset[str]:
        """Return the name of every model that any branch has, or had a release of."""
        ...


class SiteKind(Enum):
    """What a folder beside the store was made for."""

    JOB = "job"
    PACKAGE = "unpacked package"
    DATASET = "dataset"
    PULL_REQUEST = "pull request's folder"


@dataclass(frozen=True, slots=True)
class Site:
    """A folder beside the store that nothing uses now: `path` says where, `name` is its key or digest.

    `changed` is when it was used last, in seconds since the epoch.
    """

    kind: SiteKind
    name: str
    path: str
    size: int
    changed: float


class Worksites(Protocol):
    """The folders beside the store: of jobs, of unpacked packages, of datasets."""

    def idle(self) -> Iterator[Site]:
        """Yield the folders of jobs that ended, of packages and datasets that nothing here uses, of pull requests."""
        ...

    def remove(self, site: Site) -> None:
        """Take such a folder away."""
        ...
