"""Opening the ledger of a view: a short one is read, of a long one what is asked for.

A model with many records is read as a whole once. A snapshot then remembers which of its records are damaged, and the
contents of those that tell what it went through, for as long as the store has records of the same names: what a name
stands for never changes.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable

from mlops_ci.executor.world import World
from mlops_ci.ports.stores import RecordStore
from mlops_ci.records.codec import decode, decoded
from mlops_ci.records.damaged import Damaged
from mlops_ci.records.facts import Fact
from mlops_ci.records.lazy import is_history, opened
from mlops_ci.records.ledger import Ledger, fold

LONG = 1000
"""Records of a model from which on it is worth a snapshot."""


def open_ledger(world: World, models: Iterable[str]) -> Ledger:
    """Return the ledger of these models; records about others are not read."""
    wanted = tuple(models)
    records = world.records.listing(wanted)
    names_of = {model: records.listed(f"{model}/") for model in wanted}
    long = {
        model: recalled
        for model, names in names_of.items()
        if len(names) >= LONG and (recalled := _recalled(world, model, names)) is not None
    }
    records = records.loaded(tuple(model for model in wanted if model not in long))
    facts: dict[str, Fact | Damaged] = {}
    kept: dict[str, bytes] = {}
    names: list[str] = []
    damaged: list[Damaged] = []
    for model, listed in names_of.items():
        names.extend(listed)
        if model in long:
            bad, contents = long[model]
            kept.update(contents)
        else:
            found = {name: decode(name, content) for name, content in records.scan(f"{model}/")}
            facts.update(found)
            bad = [fact for fact in found.values() if isinstance(fact, Damaged)]
            if len(listed) >= LONG:
                _remember(world, records, model, listed, bad)
        damaged.extend(bad)
    if not long:
        return fold(facts.values())

    def read(name: str) -> Fact | Damaged | None:
        if name in facts:
            return facts[name]
        if name in kept:
            return decoded(kept[name])
        content = records.get(name)
        return decode(name, content) if content is not None else None

    return opened(names, read, tuple(sorted(damaged, key=lambda one: one.name)))


def _recalled(world: World, model: str, listed: tuple[str, ...]) -> tuple[list[Damaged], dict[str, bytes]] | None:
    head, _, body = world.snapshots.load(_name(model)).partition(b"\n")
    if head != _head(listed, body):
        return None
    data = json.loads(body)
    history = {name: content.encode("utf-8", "surrogatepass") for name, content in data["history"].items()}
    return [Damaged(*one) for one in data["damaged"]], history


def _remember(world: World, records: RecordStore, model: str, listed: tuple[str, ...], damaged: list[Damaged]) -> None:
    bad = {one.name for one in damaged}
    told = ((name, records.get(name)) for name in listed if is_history(name) and name not in bad)
    history = {name: content.decode("utf-8", "surrogatepass") for name, content in told if content is not None}
    body = json.dumps({"damaged": [[one.name, one.reason] for one in damaged], "history": history}).encode()
    world.snapshots.save(_name(model), _head(listed, body) + b"\n" + body)


def _head(listed: tuple[str, ...], body: bytes) -> bytes:
    names = hashlib.sha256("\0".join(listed).encode(errors="surrogateescape"))
    return f"{names.hexdigest()} {zlib.crc32(body):08x}".encode()


def _name(model: str) -> str:
    return f"records-{model}"
