"""Merging: what another store has and ours lacks is copied, artifacts before the records that name them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from mlops_ci.errors import MlopsError, UsageError
from mlops_ci.executor.keeping.check import MOST, PRIVATE, Trouble
from mlops_ci.executor.keeping.upkeep import Upkeep
from mlops_ci.ports.stores import place_of
from mlops_ci.ports.upkeep import Another
from mlops_ci.records.codec import decode
from mlops_ci.records.damaged import Damaged
from mlops_ci.records.naming import artifacts_of


class Doing(Enum):
    """Whether it is done, or only told."""

    DRY = "dry run"
    REAL = "done"


@dataclass(frozen=True, slots=True)
class Merged:
    """What was copied (or would be), what was there already, and what was left, with the reason."""

    doing: Doing
    records: int
    artifacts: int
    size: int
    same: int
    left: tuple[Trouble, ...]
    more: int

    @property
    def is_clean(self) -> bool:
        return not self.left


@dataclass(slots=True)
class _Counts:
    records: int = 0
    size: int = 0
    same: int = 0
    copied: set[str] = field(default_factory=set)
    left: list[Trouble] = field(default_factory=list)
    more: int = 0

    def leave(self, code: str, name: str, sentence: str, hint: str) -> None:
        if len(self.left) < MOST:
            self.left.append(Trouble(code, name, sentence, hint))
        else:
            self.more += 1


def merge(upkeep: Upkeep, source: str, doing: Doing, tell: Callable[[str], None]) -> Merged:
    """Return what was copied from the store in a folder. Whoever is killed in between types the command again.

    Raises:
        UsageError: the folder is no store, is this store, or is a pull request's.
        ProviderError: a newer mlops-ci wrote it, or a disk said no.

    """
    theirs = upkeep.another(source)
    counts = _Counts()
    one_line = all(upkeep.records.get(name) in {None, content} for name, content in theirs.records.scan(PRIVATE))
    for seen, (name, content) in enumerate(theirs.records.scan(""), start=1):
        tell(f"{seen} records looked at, {counts.records} copied")
        mine = upkeep.records.get(name)
        if name.startswith(PRIVATE):
            if not one_line:
                counts.leave("conflict", name, f"`{place_of(name)}` is of another line of private releases", _KEPT)
                continue
        elif not _is_sound(upkeep, theirs, name, content, mine, doing, counts):
            continue
        if mine is not None:
            counts.same += 1
            continue
        counts.records += 1
        if doing is Doing.REAL:
            upkeep.records.put(name, content)
    if not counts.records and not counts.same and not counts.left:
        raise UsageError(f"there is no record in `{source}`", hint="name the folder that holds `records`")
    return Merged(doing, counts.records, len(counts.copied), counts.size, counts.same, tuple(counts.left), counts.more)


_KEPT = "ours is kept; compare the two, and move ours away if theirs is right"


def _is_sound(
    upkeep: Upkeep, theirs: Another, name: str, content: bytes, mine: bytes | None, doing: Doing, counts: _Counts
) -> bool:
    """Return whether a record of theirs may be, or is, ours: with its artifacts, which are copied first."""
    fact = decode(name, content)
    if isinstance(fact, Damaged):
        counts.leave("damaged-record", name, f"`{place_of(name)}` there is damaged: {fact.reason}", "it is not copied")
        return False
    if mine is not None and mine != content:
        counts.leave("conflict", name, f"`{place_of(name)}` has other bytes there", _KEPT)
        return False
    for what, digest in artifacts_of(fact):
        if digest in counts.copied or upkeep.artifacts.has(digest):
            continue
        try:
            found = theirs.artifacts.fetch(digest)
        except MlopsError as error:
            sentence = f"the artifact {digest[:12]} (`{what}`) of `{place_of(name)}`: {error.summary}"
            counts.leave("damaged-artifact", name, sentence, "the record is not copied without it")
            return False
        counts.copied.add(digest)
        counts.size += found.stat().st_size
        if doing is Doing.REAL:
            upkeep.artifacts.put(found)
    return True
