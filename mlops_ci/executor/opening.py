"""Opening the ledger of a view: a short one is read, of a long one what is asked for.

A model with many records is read as a whole once. A snapshot then remembers which of its records are damaged, and the
contents of those that tell what it went through, for as long as the store has the same records.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable
from typing import TypeAlias

from mlops_ci.executor.world import World
from mlops_ci.records.codec import decode
from mlops_ci.records.damaged import Damaged
from mlops_ci.records.facts import Fact
from mlops_ci.records.lazy import is_history, opened
from mlops_ci.records.ledger import Ledger, fold

_Listed: TypeAlias = tuple[tuple[str, str], ...]
"""A model's records, each with its stamp, sorted by name."""

LONG = 1000
"""Records of a model from which on it is worth a snapshot."""


def open_ledger(world: World, models: Iterable[str]) -> Ledger:
    """Return the ledger of these models; records about others are not read."""
    facts: dict[str, Fact | Damaged] = {}
    kept: dict[str, bytes] = {}
    names: list[str] = []
    damaged: list[Damaged] = []
    is_long = False
    for model in models:
        listed = world.records.names(f"{model}/")
        names.extend(name for name, _ in listed)
        remembered = _recalled(world, model, listed) if len(listed) >= LONG else None
        if remembered is None:
            found = {name: decode(name, content) for name, content in world.records.scan(f"{model}/")}
            facts.update(found)
            bad = [fact for fact in found.values() if isinstance(fact, Damaged)]
            if len(listed) >= LONG:
                _remember(world, model, listed, bad)
        else:
            is_long = True
            bad, contents = remembered
            kept.update(contents)
        damaged.extend(bad)
    if not is_long:
        return fold(facts.values())

    def read(name: str) -> Fact | Damaged | None:
        if name in facts:
            return facts[name]
        content = kept.get(name) or world.records.get(name)
        return decode(name, content) if content is not None else None

    return opened(names, read, tuple(sorted(damaged, key=lambda one: one.name)))


def _recalled(world: World, model: str, listed: _Listed) -> tuple[list[Damaged], dict[str, bytes]] | None:
    head, _, body = world.snapshots.load(_name(model)).partition(b"\n")
    if head != _head(listed, body):
        return None
    data = json.loads(body)
    history = {name: content.encode("utf-8", "surrogatepass") for name, content in data["history"].items()}
    return [Damaged(*one) for one in data["damaged"]], history


def _remember(world: World, model: str, listed: _Listed, damaged: list[Damaged]) -> None:
    bad = {one.name for one in damaged}
    told = ((name, world.records.get(name)) for name, _ in listed if is_history(name) and name not in bad)
    history = {name: content.decode("utf-8", "surrogatepass") for name, content in told if content is not None}
    body = json.dumps({"damaged": [[one.name, one.reason] for one in damaged], "history": history}).encode()
    world.snapshots.save(_name(model), _head(listed, body) + b"\n" + body)


def _head(listed: _Listed, body: bytes) -> bytes:
    return (
        f"{hashlib.sha256(repr(listed).encode(errors='backslashreplace')).hexdigest()} {zlib.crc32(body):08x}".encode()
    )


def _name(model: str) -> str:
    return f"records-{model}"
