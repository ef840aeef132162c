"""What a command knows of the records of a store on S3: what it read and put, so that nothing is asked for twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from mlops_ci.adapters.aws.store.bucket import Bucket, Read
from mlops_ci.adapters.aws.store.packs import (
    OLD,
    PACKS,
    Entries,
    PackObject,
    is_of,
    is_worth,
    live,
    outlived,
    pack,
    to_merge,
    unpack,
)
from mlops_ci.errors import ProviderError
from mlops_ci.ports.stores import place_of

READERS = 16
"""Objects that are read at once; whoever reads waits for the network and for little else."""

_FEW = 16
"""Records that are read one by one without a look at the packs: one round of requests."""

_AT_ONCE = 4
"""Packs that are read at once, the largest first, until nothing is missing."""

_LOOSE = 200
"""Records in no pack, and a tenth of those listed, from which on a command that put nothing makes a pack of them."""

_DAY = 86_400.0
_AMONG = 256
"""Objects that are read in one go, so that Ctrl-C is heard in between."""


@dataclass(slots=True)
class Memory:
    """Contents by name, each with the stamp that it was read with.

    `loose` are those that no pack has, as far as is known; `put` counts what this command put itself. Where it `asks`
    no packs, each record is read by a request of its own.
    """

    asks: bool = True
    known: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    loose: set[str] = field(default_factory=set)
    put: int = 0
    listed: int = 0

    def holds(self, name: str, stamp: str) -> bytes | None:
        """Return the content that a name has under this stamp, or None where it was not read."""
        found = self.known.get(name)
        return found[1] if found is not None and found[0] == stamp else None

    def tell(self, name: str, stamp: str, content: bytes) -> None:
        """Take note of what this command put."""
        self.known[name] = (stamp, content)
        self.loose.add(name)
        self.put += 1

    def load(self, bucket: Bucket, wanted: Mapping[str, str]) -> dict[str, bytes]:
        """Return the contents of these records (stamp by name), from packs as far as they agree with the stamps.

        What somebody removed meanwhile is left out.
        """
        missing = {name: stamp for name, stamp in wanted.items() if self.holds(name, stamp) is None}
        self.listed = max(self.listed, len(wanted))
        if self.asks and len(missing) > _FEW:
            self._from_packs(bucket, missing)
            missing = {name: stamp for name, stamp in missing.items() if self.holds(name, stamp) is None}
            self.loose.update(missing)
        contents: dict[str, bytes] = {}
        for name, found in _each(bucket, missing):
            if found is not None:
                self.known[name], contents[name] = (found.stamp, found.content), found.content
        there = ((name, self.holds(name, stamp)) for name, stamp in wanted.items() if name not in missing)
        contents.update((name, content) for name, content in there if content is not None)
        return contents

    def settle(self, bucket: Bucket) -> None:
        """Put what is in no pack into one, together with small ones; nothing where that is not worth it."""
        loose = {name: self.known[name] for name in sorted(self.loose) if name in self.known}
        if not loose or not (self.put or len(loose) > max(_LOOSE, self.listed // 10)):
            return
        listed = list(bucket.list(PACKS))
        merged = to_merge(live(listed), len(loose))
        before = {name: entry for one in _packs(bucket, merged) for name, entry in one.items()}
        key, body = pack({**before, **loose})
        bucket.put_new(key, body)
        for old in merged:
            if old.key != key:
                bucket.put_new(old.key + OLD, b"{}")
        for gone in outlived(listed, age=_DAY):
            bucket.remove(gone)
        self.loose, self.put = set(), 0

    def _from_packs(self, bucket: Bucket, missing: Mapping[str, str]) -> None:
        """Learn what packs have of these records under these stamps."""
        left = dict(missing)
        packs = live(bucket.list(PACKS))
        doubtful: dict[str, bytes] = {}
        while left:
            worth = [one for one in packs if is_worth(one, len(left))][:_AT_ONCE]
            if not worth:
                break
            packs = tuple(one for one in packs if one not in worth)
            for entries in _packs(bucket, worth):
                for name in [name for name, stamp in left.items() if entries.get(name, ("",))[0] == stamp]:
                    stamp, content = entries[name]
                    del left[name]
                    if is_of(stamp, content):
                        self.known[name] = (stamp, content)
                    else:
                        doubtful[name] = content
        if doubtful:
            self._believe(bucket, doubtful, missing)

    def _believe(self, bucket: Bucket, doubtful: Mapping[str, bytes], stamps: Mapping[str, str]) -> None:
        """Believe what is not the md5 of its stamp where stamps are no md5: one record is read to see.

        A listing does not say whether an object has a key of KMS; reading it does.
        """
        name = min(doubtful)
        found = bucket.read(place_of(name))
        if found is not None and not found.is_md5 and found.content == doubtful[name]:
            self.known.update((one, (stamps[one], content)) for one, content in doubtful.items())


def _each(bucket: Bucket, names: Iterable[str]) -> Iterator[tuple[str, Read | None]]:
    """Yield (name, what its object is), each by a request of its own, several at a time."""
    left = list(names)
    for start in range(0, len(left), _AMONG):
        some = left[start : start + _AMONG]
        with ThreadPoolExecutor(min(READERS, len(some))) as pool:
            yield from zip(some, pool.map(lambda name: bucket.read(place_of(name)), some), strict=True)


def _packs(bucket: Bucket, packs: Iterable[PackObject]) -> list[Entries]:
    """Return the entries of packs; one that went meanwhile, or cannot be read, has none: its records are read alone."""

    def entries(one: PackObject) -> Entries:
        try:
            body = bucket.get(one.key)
        except ProviderError:
            return {}
        return unpack(one.key, body) if body is not None else {}

    wanted = list(packs)
    if not wanted:
        return []
    with ThreadPoolExecutor(min(READERS, len(wanted))) as pool:
        return list(pool.map(entries, wanted))
