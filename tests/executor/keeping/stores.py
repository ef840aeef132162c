"""Stores in folders with a few facts, and what looking after them needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.inventory import FolderInventory, FolderPruning
from mlops_ci.adapters.files.others import another, turn
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.executor.keeping.upkeep import Upkeep
from mlops_ci.ports.upkeep import Site
from mlops_ci.records.codec import encode
from mlops_ci.records.facts import Fact, Finished, Intent, Packaged
from tests.executor.small import small


@dataclass(frozen=True)
class March:
    """`Clock` that stands at the first of March 2026."""

    def now(self) -> str:
        return "2026-03-01T00:00:00.000Z"

    def seconds(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


@dataclass
class NoBranches:
    """`Branches` of a repository in which nothing is released; it knows these models."""

    known: frozenset[str] = frozenset({"tiny"})

    def released(self) -> frozenset[str]:
        return frozenset()

    def models(self) -> frozenset[str]:
        return self.known


class NoSites:
    """`Worksites` of a machine on which nothing ever ran."""

    def idle(self) -> Iterator[Site]:
        return iter(())

    def remove(self, site: Site) -> None:
        raise AssertionError(site)


def upkeep_of(store: Path, root: Path) -> Upkeep:
    """Return what looking after the store in a folder needs; `root` is for what the small world writes."""

    def held() -> AbstractContextManager[None]:
        return turn(store)

    return Upkeep(
        world=replace(small(root).world, clock=March()),
        records=FolderRecords(store),
        artifacts=FolderArtifacts(store),
        inventory=FolderInventory(store),
        verify=FolderArtifacts(store).fetch,
        pruning=FolderPruning(store),
        branches=NoBranches(),
        worksites=NoSites(),
        turn=held,
        another=lambda source: another(Path(source), store),
        cores=2,
    )


def put(store: Path, *facts: Fact) -> None:
    for fact in facts:
        FolderRecords(store).put(fact.name, encode(fact))


def training(
    store: Path, number: int, *, candidate: str = "good", day: int = 1, model: str = "tiny", content: bytes = b""
) -> tuple[Intent, Finished, Packaged]:
    """Put a training that succeeded, with its model, log and package, as of a day of January 2026; return its facts."""
    artifacts = FolderArtifacts(store)
    kept = artifacts.put(content or b"model %d" % number)
    log, code = artifacts.put(b"log %d" % number), artifacts.put(b"code")
    fingerprint, at = f"{number:032x}" * 2, f"2026-01-{day:02d}T00:00:00.000Z"
    facts = (
        Intent(model, "training", candidate, fingerprint, 1, "c" * 40, "{}", at),
        Finished(model, "training", fingerprint, 1, "succeeded", "", 1.0, at, at, (("log", log), ("model", kept))),
        Packaged(model, f"{number + 5000:032x}" * 2, candidate, fingerprint, kept, code, "{}"),
    )
    put(store, *facts)
    return facts


def aged(store: Path, at: str = "2026-02-01T00:00:00+00:00") -> None:
    """Have everything in a store be as old as this."""
    seconds = datetime.fromisoformat(at).timestamp()
    for place in store.rglob("*"):
        if place.is_file():
            os.utime(place, (seconds, seconds))


def names(store: Path) -> list[str]:
    return [name for name, _ in FolderRecords(store).names("")]


def digests(store: Path) -> set[str]:
    return {held.name for held in FolderInventory(store).artifacts()}


def path_of(store: Path, digest: str) -> Path:
    return store / "artifacts/sha256" / digest[:2] / digest


@contextmanager
def changed(place: Path, content: bytes) -> Iterator[None]:
    """Have a file hold other bytes for a while."""
    before = place.read_bytes()
    place.chmod(0o644)
    place.write_bytes(content)
    yield
    place.write_bytes(before)
