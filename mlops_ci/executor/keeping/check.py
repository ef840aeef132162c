"""Checking a store: every artifact's bytes, every record's form, and that the artifacts that records name are there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from mlops_ci.errors import MlopsError
from mlops_ci.executor.keeping.upkeep import Upkeep
from mlops_ci.ports.stores import place_of
from mlops_ci.ports.upkeep import Held
from mlops_ci.records.codec import decode
from mlops_ci.records.damaged import Damaged
from mlops_ci.records.naming import artifacts_of

MOST = 1000
"""Problems that are told one by one; the others are counted."""

PRIVATE = "@releases/"
"""Where a private target keeps its releases among the records."""

_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with a store, by a stable code, with what to do about it."""

    code: str
    subject: str
    sentence: str
    hint: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found; `more` counts the troubles beyond those told. Orphans are artifacts that no record names."""

    records: int
    artifacts: int
    size: int
    orphans: int
    orphan_size: int
    strays: int
    pull_requests: int
    troubles: tuple[Trouble, ...]
    more: int

    @property
    def is_clean(self) -> bool:
        return not self.troubles


@dataclass(slots=True)
class _Troubles:
    """Gathers troubles, as many as are of use."""

    found: list[Trouble] = field(default_factory=list)
    more: int = 0

    def add(self, trouble: Trouble) -> None:
        if len(self.found) < MOST:
            self.found.append(trouble)
        else:
            self.more += 1


def check(upkeep: Upkeep, tell: Callable[[str], None]) -> Checked:
    """Return what is wrong with the store. Contents are read as streams; `tell` is called with how far it is."""
    troubles = _Troubles()
    sizes: dict[bytes, int] = {}
    for done, (held, trouble) in enumerate(_verified(upkeep, upkeep.inventory.artifacts()), start=1):
        sizes[bytes.fromhex(held.name)] = held.size
        if trouble is not None:
            troubles.add(trouble)
        tell(f"{done} artifacts checked")
    named: set[bytes] = set()
    records = 0
    for name, content in upkeep.records.scan(""):
        records += 1
        tell(f"{len(sizes)} artifacts and {records} records checked")
        for trouble in _judged(name, content, sizes, named):
            troubles.add(trouble)
    for name in upkeep.untrue():
        hint = f"`aws s3 rm '{upkeep.address}/{name}'`: it is derived, and nothing is lost"
        troubles.add(Trouble("damaged-pack", name, f"`{name}` says something else than the records in it", hint))
    orphans = [size for digest, size in sizes.items() if digest not in named]
    return Checked(
        records=records,
        artifacts=len(sizes),
        size=sum(sizes.values()),
        orphans=len(orphans),
        orphan_size=sum(orphans),
        strays=sum(1 for stray in upkeep.inventory.strays() if not stray.name.endswith(".lock")),
        pull_requests=sum(1 for _ in upkeep.inventory.pull_requests()),
        troubles=tuple(troubles.found),
        more=troubles.more,
    )


def _verified(upkeep: Upkeep, every: Iterator[Held]) -> Iterator[tuple[Held, Trouble | None]]:
    """Yield each artifact with what is wrong with it; those worth a thread are read at once, some hundred at a time."""

    def verify(held: Held) -> Trouble | None:
        try:
            upkeep.verify(held.name)
        except MlopsError as error:
            return Trouble("damaged-artifact", held.name, error.summary, error.hint)
        return None

    with ThreadPoolExecutor(upkeep.cores) as pool:
        while some := [*islice(every, _AT_ONCE)]:
            large = {held.name: pool.submit(verify, held) for held in some if held.size >= upkeep.worth}
            for held in some:
                yield held, large[held.name].result() if held.name in large else verify(held)


def _judged(name: str, content: bytes, sizes: dict[bytes, int], named: set[bytes]) -> Iterable[Trouble]:
    """Return what is wrong with a record; the artifacts that it names are added to `named`."""
    if name.startswith(PRIVATE):
        return () if _is_release(content) else (_damaged(name, "it is not of the form of a private release"),)
    fact = decode(name, content)
    if isinstance(fact, Damaged):
        return (_damaged(name, fact.reason),)
    found: list[Trouble] = []
    for what, digest in artifacts_of(fact):
        key = _key(digest)
        named.add(key)
        if key not in sizes:
            sentence = f"`{place_of(name)}` names the artifact {digest[:12]} (`{what}`), which is not there"
            hint = f"mlops-ci store merge OTHER_STORE, which has it; else mlops-ci train {fact.model} --replace"
            found.append(Trouble("missing-artifact", digest, sentence, hint))
    return found


def _key(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return digest.encode(errors="replace")


def _damaged(name: str, reason: str) -> Trouble:
    hint = f"move `{place_of(name)}` away, then mlops-ci store merge OTHER_STORE, or mlops-ci run, which makes it anew"
    return Trouble("damaged-record", name, f"`{place_of(name)}` is damaged: {reason}", hint)


def _is_release(content: bytes) -> bool:
    try:
        files = json.loads(content)["files"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return isinstance(files, dict) and all(isinstance(text, str) for text in files.values())
