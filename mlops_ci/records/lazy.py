"""A ledger over a store whose records are decoded when somebody asks for them: of sixty thousand, a view needs thirty.

A record's name says what it is about, so that what is asked for by its key is found by name. What a model went through
(contests, promotions, deployments, tests, gates, approvals) is decoded as a whole, the first time any of it is asked
for. The answers are those of a ledger that was folded from all facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field
from functools import cache
from typing import Generic, TypeVar

from mlops_ci.records.damaged import Damaged
from mlops_ci.records.facts import Fact
from mlops_ci.records.ledger import Ledger, fold

Key = TypeVar("Key")
Item = TypeVar("Item")
Read = Callable[[str], Fact | Damaged | None]
"""Gives the fact of a name; None where somebody removed it meanwhile."""

_KEYED = ("attempts", "packages", "evaluations", "searches")


def opened(names: Iterable[str], read: Read, damaged: tuple[Damaged, ...]) -> Ledger:
    """Return the ledger of the records of these names; `damaged` are those of them that say nothing."""
    keyed: dict[str, dict[str, list[str]]] = {kind: defaultdict(list) for kind in _KEYED}
    went: list[str] = []
    unreadable = {one.name for one in damaged}
    for name in names:
        if name in unreadable:
            continue
        parts = name.split("/", 2)
        kind = parts[1] if len(parts) == 3 else ""
        if kind in keyed:
            keyed[kind][_key(kind, parts[2])].append(name)
        else:
            went.append(name)
    folded = _Folded(read)
    rest = cache(lambda: folded(went))
    attempts, packages, evaluations = keyed["attempts"], keyed["packages"], keyed["evaluations"]
    trials = keyed["searches"]
    every = cache(lambda: folded(_all(attempts)))
    tried = cache(lambda: folded(_all(trials)))
    judged = cache(lambda: folded(_all(evaluations)))
    packed = cache(lambda: folded(_all(packages)))
    return Ledger(
        attempts=_Keyed(
            lambda job: folded(attempts.get(f"{job[0]}-{job[1][:32]}", ())).attempts, lambda: every().attempts
        ),
        packages=_Keyed(lambda digest: folded(packages.get(digest, ())).packages, lambda: packed().packages),
        evaluations=_Keyed(
            lambda digest: folded(evaluations.get(digest, ())).evaluations, lambda: judged().evaluations
        ),
        tests=_Whole(lambda: rest().tests),
        approvals=_Whole(lambda: rest().approvals),
        gates=_Whole(lambda: rest().gates),
        contests=_Whole(lambda: rest().contests),
        promotions=_Whole(lambda: rest().promotions),
        served=_Whole(lambda: rest().served),
        seen=_Whole(lambda: rest().seen),
        proposals=_Whole(lambda: rest().proposals),
        trials=_Keyed(
            lambda about: folded(trials.get(f"{about[0][:32]}-{about[1]}", ())).trials, lambda: tried().trials
        ),
        damaged=damaged,
        unopened=_Whole(lambda: every().unopened),
        trained=_Whole(lambda: every().trained),
        evaluated=_Whole(lambda: judged().evaluated),
    )


def _key(kind: str, rest: str) -> str:
    """Return what the record of this name is found by, where more than its own name is asked for."""
    if kind == "attempts":  # `<work>-<fingerprint>-<number>/intent` and `/finished`
        return rest.rpartition("/")[0].rpartition("-")[0]
    return rest.rpartition("/")[0] if kind == "searches" else rest  # `<search>-<attempt>/<number>-<scoring>`


def is_history(name: str) -> bool:
    """Return whether a record tells what a model went through, and is read as a whole."""
    parts = name.split("/", 2)
    return len(parts) < 3 or parts[1] not in _KEYED


def _all(found: Mapping[str, list[str]]) -> Iterator[str]:
    return (name for names in found.values() for name in names)


@dataclass(frozen=True, slots=True)
class _Folded:
    read: Read

    def __call__(self, names: Iterable[str]) -> Ledger:
        facts = (self.read(name) for name in names)
        return fold(fact for fact in facts if fact is not None and not isinstance(fact, Damaged))


@dataclass(slots=True)
class _Whole(Mapping[Key, Item], Generic[Key, Item]):
    """A mapping that is made when it is asked for anything."""

    make: Callable[[], Mapping[Key, Item]]

    def __getitem__(self, key: Key) -> Item:
        return self.make()[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.make())

    def __len__(self) -> int:
        return len(self.make())


@dataclass(slots=True)
class _Keyed(Mapping[Key, Item], Generic[Key, Item]):
    """A mapping that gives a key its item alone, and everything only to who asks for everything."""

    of: Callable[[Key], Mapping[Key, Item]]
    whole: Callable[[], Mapping[Key, Item]]
    known: dict[Key, Item | None] = field(default_factory=dict)

    def __getitem__(self, key: Key) -> Item:
        if key not in self.known:
            self.known[key] = self.of(key).get(key)
        found = self.known[key]
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[Key]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(self.whole())

    def values(self) -> ValuesView[Item]:
        """Return the items of the whole, without asking for each."""
        return self.whole().values()

    def items(self) -> ItemsView[Key, Item]:
        """Return the pairs of the whole, without asking for each."""
        return self.whole().items()
