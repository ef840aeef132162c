"""Reading what is recorded and what is released."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mlops_ci.errors import ProviderError
from mlops_ci.executor.world import World
from mlops_ci.manifest.release import parse
from mlops_ci.model import Release, Tree
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.stores import place_of
from mlops_ci.records.codec import decode, encode
from mlops_ci.records.damaged import Damaged
from mlops_ci.records.facts import Fact
from mlops_ci.records.ledger import Job, Ledger, fold


def read_ledger(world: World, models: Iterable[str]) -> Ledger:
    """Return the ledger of these models; records about others are not read."""
    return fold(decode(name, content) for model in models for name, content in world.records.scan(f"{model}/"))


def current_ledger(world: World, model: str) -> Ledger:
    """Return the ledger of a model, with all that is on record now; what this command knows is not read again."""
    return world.ledgers.current(world.records, model)


def ledger_about(world: World, model: str, *jobs: Job) -> Ledger:
    """Return what this command knows of a model, and all that is on record now of these jobs (work, fingerprint)."""
    return world.ledgers.about(world.records, model, *jobs)


def record(world: World, fact: Fact) -> bool:
    """Keep a fact; return whether it is new.

    Raises:
        ProviderError: a damaged record has its name. Nothing is ever overwritten, so somebody must move that away;
            going on would do the same work again and again, and record it never.

    """
    if world.records.put(fact.name, encode(fact)):
        world.ledgers.tell(fact)
        return True
    there = decode(fact.name, world.records.get(fact.name) or b"")
    if isinstance(there, Damaged):
        raise ProviderError(
            f"the record `{fact.name}` is damaged: {there.reason}",
            hint=f"move it away (`{place_of(fact.name)}` in the store), then type the command again",
        )
    world.ledgers.tell(there)
    return False


def read_release(tree: Tree, folder: str) -> Release:
    """Return what the release file in this tree says; an empty release where there is none.

    Raises:
        ManifestError: the file is damaged.

    """
    path = f"{folder}/release.yaml"
    try:
        content = tree.read(path)
    except FileNotFoundError:
        return Release()
    return parse(content, path=path)


def with_release(world: World, desired: DesiredModel, *, fetch: bool) -> DesiredModel:
    """Return the model with the release as the branch's tip has it now."""
    tip = world.repository.tip(fetch=fetch)
    release = read_release(world.repository.tree(tip), desired.model.folder) if tip else Release()
    return replace(desired, release=release)
