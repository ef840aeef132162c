"""The store of a target: a folder, or a bucket. What a bucket needs is imported for a bucket alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mlops_ci.errors import UsageError
from mlops_ci.model import Target
from mlops_ci.model.address import address_of

if TYPE_CHECKING:
    from mlops_ci.adapters.aws.store.bucket import Bucket
    from mlops_ci.adapters.aws.store.layout import Layout
    from mlops_ci.ports.offers import Offered
    from mlops_ci.ports.stores import ArtifactStore, RecordStore


class Store(Protocol):
    """Where records and artifacts of a target are; with a pull request's id, its own over those of the branch."""

    def records(self, pull_request: str) -> RecordStore:
        """Return the records that a command reads and writes."""
        ...

    def artifacts(self, pull_request: str) -> ArtifactStore:
        """Return the artifacts that a command reads and writes."""
        ...

    def offers(self) -> tuple[Offered, ...]:
        """Return what every pull request recorded."""
        ...

    def stamp(self) -> str:
        """Return what changes whenever a pull request records something."""
        ...

    def is_current(self) -> bool:
        """Return whether it has today's layout, or nothing in another."""
        ...

    def bring_up_to_date(self, pull_request: str) -> int:
        """Return how many records had to be moved for it to have today's layout."""
        ...

    def folder(self) -> Path:
        """Return the folder of the store; raises `UsageError` where it is in none."""
        ...


def store_of(target: Target, project: Path, state: Path, verb: str) -> Store:
    """Return the store of a target of the project in a folder; `state` is where copies of artifacts may lie.

    `validate` works without a network and without credentials: to it a store on S3 is empty.

    Raises:
        ProviderError: a newer mlops-ci wrote it. S3 is not asked yet, and boto3 not imported.

    """
    address = address_of(target.store)
    if address is None:
        from mlops_ci.adapters.files.layout import check

        check(project / target.store)
        return FolderStore(project / target.store)
    from mlops_ci.adapters.aws.store.bucket import Bucket, Connection

    found = BucketStore(Bucket(address, target.kms_key, Connection(target.region)), state / "artifacts")
    return UnaskedStore(found) if verb == "validate" else found


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A store in a folder."""

    place: Path

    def records(self, pull_request: str) -> RecordStore:
        """Return the records that a command reads and writes."""
        from mlops_ci.adapters.files.layers import records_of

        return records_of(self.place, pull_request)

    def artifacts(self, pull_request: str) -> ArtifactStore:
        """Return the artifacts that a command reads and writes."""
        from mlops_ci.adapters.files.layers import artifacts_of

        return artifacts_of(self.place, pull_request)

    def offers(self) -> tuple[Offered, ...]:
        """Return what every pull request recorded."""
        from mlops_ci.adapters.files.layers import offers

        return offers(self.place)

    def stamp(self) -> str:
        """Return what changes whenever a pull request records something."""
        from mlops_ci.adapters.files.layers import stamp

        return stamp(self.place)

    def is_current(self) -> bool:
        """Return whether it has today's layout, or nothing in another."""
        from mlops_ci.adapters.files.layout import check
        from mlops_ci.adapters.formats import FORMAT

        return check(self.place) == FORMAT or not (self.place / "records").is_dir()

    def bring_up_to_date(self, pull_request: str) -> int:
        """Return how many records were moved; a pull request has only its own brought up to date."""
        from mlops_ci.adapters.files.layers import own_store
        from mlops_ci.adapters.files.layout import make_ready

        place = own_store(self.place, pull_request) if pull_request else self.place
        return make_ready(place) if (place / "records").is_dir() else 0

    def folder(self) -> Path:
        """Return the folder of the store."""
        return self.place


@dataclass(frozen=True, slots=True)
class BucketStore:
    """A store on S3; `cache` is where copies of its artifacts lie on this machine."""

    bucket: Bucket
    cache: Path
    _layouts: dict[str, Layout] = field(default_factory=dict, compare=False, repr=False)

    def records(self, pull_request: str) -> RecordStore:
        """Return the records that a command reads and writes."""
        from mlops_ci.adapters.aws.store.records import S3Records
        from mlops_ci.adapters.files.layers import LayeredRecords

        below = S3Records(self._layout(""))
        return LayeredRecords(S3Records(self._layout(pull_request)), below) if pull_request else below

    def artifacts(self, pull_request: str) -> ArtifactStore:
        """Return the artifacts that a command reads and writes."""
        from mlops_ci.adapters.aws.store.artifacts import S3Artifacts
        from mlops_ci.adapters.files.layers import LayeredArtifacts

        below = S3Artifacts(self._layout(""), self.cache)
        own = S3Artifacts(self._layout(pull_request), self.cache)
        return LayeredArtifacts(own, below) if pull_request else below

    def offers(self) -> tuple[Offered, ...]:
        """Return what every pull request recorded."""
        from mlops_ci.adapters.aws.store.offered import offers

        return offers(self.bucket, self.cache)

    def stamp(self) -> str:
        """Return what changes whenever a pull request records something."""
        from mlops_ci.adapters.aws.store.offered import stamp

        return stamp(self.bucket)

    def is_current(self) -> bool:
        """Return True: a store on S3 never had another layout."""
        return True

    def bring_up_to_date(self, pull_request: str) -> int:
        """Return 0: a store on S3 never had another layout."""
        del pull_request
        return 0

    def folder(self) -> Path:
        """Never return: what is said names the store, and how to have a copy of it in a folder.

        Raises:
            UsageError: always.

        """
        raise self.refusal()

    def refusal(self) -> UsageError:
        """Return what is said to whoever would take something out of it."""
        return UsageError(
            f"`store gc` takes things out of folders, and this store is `{self.bucket.address}`",
            hint=f"aws s3 sync {self.bucket.address} FOLDER, a target whose `store` is FOLDER, and back again",
        )

    def _layout(self, pull_request: str) -> Layout:
        """Return what is known of the layout, one value for records and artifacts: it is asked for once a command."""
        from mlops_ci.adapters.aws.store.layout import Layout
        from mlops_ci.adapters.aws.store.offered import own_bucket

        if pull_request not in self._layouts:
            own = own_bucket(self.bucket, pull_request) if pull_request else self.bucket
            self._layouts[pull_request] = Layout(own)
        return self._layouts[pull_request]


@dataclass(frozen=True, slots=True)
class UnaskedStore:
    """A store on S3 for what does without: nothing is on record, and nothing is offered."""

    unasked: BucketStore

    def records(self, pull_request: str) -> RecordStore:
        """Return no records."""
        del pull_request
        return NoRecords()

    def artifacts(self, pull_request: str) -> ArtifactStore:
        """Return the artifacts; where nothing is on record none is asked for."""
        return self.unasked.artifacts(pull_request)

    def offers(self) -> tuple[Offered, ...]:
        """Return nothing."""
        return ()

    def stamp(self) -> str:
        """Return nothing."""
        return ""

    def is_current(self) -> bool:
        """Return True."""
        return True

    def bring_up_to_date(self, pull_request: str) -> int:
        """Return 0."""
        return self.unasked.bring_up_to_date(pull_request)

    def folder(self) -> Path:
        """Raise `UsageError`."""
        return self.unasked.folder()


@dataclass(frozen=True, slots=True)
class NoRecords:
    """A `RecordStore` that has nothing and keeps nothing."""

    def put(self, name: str, content: bytes) -> bool:
        """Raise: whoever writes must have a store."""
        raise AssertionError(f"`{name}` of {len(content)} bytes was put where nothing is kept")

    def get(self, name: str) -> bytes | None:
        """Return None."""
        del name
        return None

    def scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Return nothing."""
        del prefix
        return iter(())

    def listed(self, prefix: str) -> tuple[str, ...]:  # noqa: ARG002
        """Return no name."""
        return ()

    def names(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return nothing."""
        del prefix
        return ()

    def listing(self, models: tuple[str, ...]) -> NoRecords:
        """Return no records."""
        del models
        return self

    def loaded(self, models: tuple[str, ...]) -> NoRecords:
        """Return no records."""
        del models
        return self

    def settle(self) -> None:
        """Do nothing."""
