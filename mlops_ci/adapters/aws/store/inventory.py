"""What is in a store on S3, and whether its bytes are what they are called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.aws.store.memory import Memory
from mlops_ci.adapters.aws.store.packs import PACKS, live, unpack
from mlops_ci.adapters.formats import PULL_REQUESTS
from mlops_ci.errors import IntegrityError, UsageError
from mlops_ci.ports.stores import RecordStore
from mlops_ci.ports.upkeep import Held

_ARTIFACTS = "artifacts/"
_PLACE = re.compile(r"artifacts/sha256/([0-9a-f]{2})/(\1[0-9a-f]{62})")


@dataclass(frozen=True, slots=True)
class BucketInventory:
    """Implements `ports.upkeep.Inventory`. What jobs of the account left beside the store is none of it."""

    bucket: Bucket
    record_store: RecordStore

    def records(self) -> Iterator[Held]:
        """Yield every record, sorted by name; sizes and times are not asked for."""
        return (Held(name, 0, 0.0) for name in self.record_store.listed(""))

    def artifacts(self) -> Iterator[Held]:
        """Yield every artifact, sorted by digest."""
        for one in self.bucket.list(_ARTIFACTS):
            if found := _PLACE.fullmatch(one.key):
                yield Held(found[2], one.size, one.at)

    def strays(self) -> Iterator[Held]:
        """Yield what lies among the artifacts and is none."""
        for one in self.bucket.list(_ARTIFACTS):
            if not _PLACE.fullmatch(one.key) and not one.key.endswith("/"):
                yield Held(one.key, one.size, one.at)

    def pull_requests(self) -> Iterator[Held]:
        """Yield what each pull request keeps, by its id."""
        found: dict[str, tuple[int, float]] = {}
        for one in self.bucket.list(f"{PULL_REQUESTS}/"):
            _, name, *rest = one.key.split("/", 2)
            if name and rest:
                size, newest = found.get(name, (0, 0.0))
                found[name] = (size + one.size, max(newest, one.at))
        yield from (Held(name, *about) for name, about in sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Verifying:
    """Reads what the bucket itself has: neither a copy on this disk nor a pack is taken for it.

    `memory` is what the records were read into.
    """

    bucket: Bucket
    memory: Memory

    def verify(self, digest: str) -> None:
        """Return if the bytes of an artifact are those of its name; they are read as a stream and not kept.

        Raises:
            IntegrityError: they are not.
            ProviderError: it is not there, or cannot be read.

        """
        key = f"artifacts/sha256/{digest[:2]}/{digest}"
        found = hashlib.sha256()
        for chunk in self.bucket.chunks(key) or ():
            found.update(chunk)
        if found.hexdigest() != digest:
            at = f"{self.bucket.address}/{key}"
            raise IntegrityError(
                f"`{at}` is damaged: expected sha256 {digest}, found {found.hexdigest()}",
                hint=f"`aws s3 rm '{at}'`, then copy it from another store or `mlops-ci train --replace`",
            )

    def untrue(self) -> tuple[str, ...]:
        """Return the keys of packs that say of a record, as it is now, something else than was read of it."""
        found = []
        for one in live(self.bucket.list(PACKS)):
            entries = unpack(one.key, self.bucket.get(one.key) or b"")
            read = ((self.memory.holds(name, stamp), content) for name, (stamp, content) in entries.items())
            if not entries or any(true not in {None, said} for true, said in read):
                found.append(one.key)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class NoPruning:
    """A `ports.upkeep.Pruning` that refuses: an artifact that is put again is not sent again, and S3 does not tell."""

    refusal: UsageError

    def remove_record(self, name: str) -> None:
        """Refuse."""
        del name
        raise self.refusal

    def remove_artifact(self, digest: str, *, before: float) -> bool:
        """Refuse."""
        del digest, before
        raise self.refusal

    def remove_draft(self, path: str) -> None:
        """Refuse."""
        del path
        raise self.refusal

    def remove_pull_request(self, pull_request: str) -> None:
        """Refuse."""
        del pull_request
        raise self.refusal

    def restore(self) -> None:
        """Refuse."""
        raise self.refusal
