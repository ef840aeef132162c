"""Making an estate: files, records, releases and tags, as if everybody had typed `run` and all of it had gone well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event

from bench.estate import files
from bench.estate.history import Commit, add, begin, environment
from bench.estate.past import evaluations_before, versions_of
from bench.estate.settled import Settled, landed, seen
from bench.estate.work import site
from mlops_ci.executor.world import World
from mlops_ci.manifest import load
from mlops_ci.manifest.release import dump
from mlops_ci.model.address import is_remote
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.stores import place_of
from mlops_ci.records.codec import encode
from mlops_ci.records.facts import Fact
from mlops_ci.wiring import Place, build_world
from mlops_ci.wiring.place import PROJECT_FILE

LATER = 1_000_000.0
"""Seconds after the beginning at which what stands today was made; all of a model's past lies before."""


Record = Callable[[Iterable[Fact]], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How many models an estate has, and how many evaluations on record and versions the first of them has."""

    models: int
    records: int = 3
    versions: int = 1


def make(folder: Path, size: Size, *, project: str = "") -> None:
    """Make the project `folder`, which is not there yet: `mlops-ci plan` finds nothing to do in it.

    `project` is the text of another `mlops-ci.yaml`, such as one whose store is on S3.
    """
    folder = folder.absolute()
    begin(folder)
    commit = add(folder, (Commit(tuple(_files(size.models, project)), "Begin"),))[0]
    world = build_world(Place(folder, environment(), 1), "", Event().is_set)
    tree = world.repository.worktree()
    loaded = load(tree, world.schemas, select=())
    here = site(world, tree, commit, loaded.models[0])
    first, *rest = loaded.models
    record = partial(_put, world) if is_remote(world.target.store) else partial(_record, folder / world.target.store)
    for facts in evaluations_before(here, first, size.records - len(first.candidates)):
        record(facts)
    versions = tuple(_recorded(record, versions_of(here, first, size.versions, LATER)))
    others = tuple(v for model in rest for v in _recorded(record, versions_of(here, model, 1, LATER)))
    ids = add(folder, _commits(others, versions))
    shared, apart = ids[: 1 if others else 0], ids[1 if others else 0 :]
    for version in others:
        record(landed(version, commit, shared * 3))
    base = shared[0] if shared else commit
    for number, version in enumerate(versions):
        mine = apart[3 * number : 3 * number + 3]
        record(landed(version, base, mine))
        base = mine[-1]


def _files(models: int, project: str) -> Iterator[tuple[str, bytes]]:
    texts = dict(files.project()) | ({PROJECT_FILE: project} if project else {})
    yield from ((path, text.encode()) for path, text in texts.items())
    for number in range(models):
        yield from ((path, text.encode()) for path, text in files.model(number))


def _recorded(record: Record, versions: Iterable[tuple[DesiredModel, Settled]]) -> Iterator[Settled]:
    """Yield versions without their facts, which are kept in the store together with what a run sees of them."""
    for desired, version in versions:
        record((*version.facts, seen(desired, LATER)))
        yield replace(version, facts=(), known=())


def _commits(others: tuple[Settled, ...], versions: tuple[Settled, ...]) -> Iterator[Commit]:
    """Yield one commit of all models that have one version, and three for each version of the first."""
    if others:
        written = tuple((f"{v.folder}/release.yaml", dump(v.release)) for v in others)
        yield Commit(written, "Promote and deploy every model", tuple(f"{v.model}/v1" for v in others))
    for version in versions:
        tags: tuple[str, ...] = (f"{version.model}/v{version.champion.version}",)
        for message, release in version.stages():
            yield Commit(((f"{version.folder}/release.yaml", dump(release)),), message, tags)
            tags = ()


def _put(world: World, facts: Iterable[Fact]) -> None:
    """Put records into a store of any kind."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda fact: world.records.put(fact.name, encode(fact)), facts))


def _record(store: Path, facts: Iterable[Fact]) -> None:
    """Write records where the store keeps them; a power cut may spoil an estate, so none waits for the disk.

    The store made itself ready when it was given the first artifact.
    """
    for fact in facts:
        place = store / place_of(fact.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(encode(fact))
        place.chmod(0o444)
