"""Examining: what a plan says of models that changed since the last time, on as many cores as there are."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from mlops_ci.diagnostics import Diagnostic, has_errors, ordered
from mlops_ci.errors import ManifestError, MlopsError
from mlops_ci.executor.assess import placed
from mlops_ci.executor.desire import desire, unsearchable
from mlops_ci.executor.found import Found
from mlops_ci.executor.glance import Glance
from mlops_ci.executor.healing import lacks
from mlops_ci.executor.offers import believed, with_believed
from mlops_ci.executor.reading import read_ledger
from mlops_ci.executor.remembered import Beside, Memory
from mlops_ci.executor.token import Grounds, Outside, data_digests, token
from mlops_ci.executor.witness import Witness
from mlops_ci.executor.world import World
from mlops_ci.manifest.folders import Folder
from mlops_ci.manifest.loading import load_folder
from mlops_ci.model import Model, Tree
from mlops_ci.model.sources import visible, within
from mlops_ci.plan.desired import Reach
from mlops_ci.plan.diff import is_seen, make_part
from mlops_ci.plan.part import Part


@dataclass(frozen=True, slots=True)
class Examined:
    """One model: what is remembered of it, or, where its manifest is wrong, every problem."""

    name: str
    memory: Memory | None
    problems: tuple[Diagnostic, ...]


def examined(
    glance: Glance, grounds: Grounds, folders: tuple[Folder, ...], others: tuple[Found, ...]
) -> dict[str, Memory]:
    """Return what is found of each of these models.

    Raises:
        ManifestError: with every diagnostic, those of `others` among them.

    """
    # What is read of the store is read here, once: the names that the survey listed, and the contents behind them.
    world = replace(glance.world(), records=glance.records.loaded(tuple(folder.name for folder in folders)))
    for tree in (grounds.here, grounds.base):  # what git is listing is waited for once, before others look at it too
        if tree is not None and folders:
            tree.blobs(folders[0].path)
    # The first one alone, and here: the others find what it asked for that does not differ by model, where images lead.
    parts = (folders[:1], folders[1:])
    every = [one for part in parts for one in glance.spread(lambda at: _examine(world, glance, grounds, at), part)]
    problems = tuple(problem for one in every for problem in one.problems)
    if has_errors(problems):
        raise ManifestError(ordered((*problems, *(warning for other in others for warning in other.warnings))))
    return {one.name: one.memory for one in every if one.memory is not None}


def _examine(world: World, glance: Glance, grounds: Grounds, folder: Folder) -> Examined:
    names = world.records.names(f"{folder.name}/")  # before they are read: what comes meanwhile is seen next time
    here = Witness(grounds.here)
    base = Witness(grounds.base) if grounds.base is not None else None
    loaded = load_folder(here, world.schemas, folder, world.project)
    problems = list(loaded.diagnostics)
    data: tuple[str, ...] = ()
    digests: tuple[tuple[tuple[str, str], ...], ...] = ()
    tags: tuple[str, ...] = ()
    found = Found(Part(), loaded.diagnostics, is_model=False)
    for model in loaded.models:
        data = _outside(model, grounds.here)
        with suppress(MlopsError):  # what is not there is told below, with all that is not there
            digests = data_digests(glance, grounds, folder, data)  # before they are looked at, as the records
        wish = desire(world, model, here)
        problems.extend(obstacle.diagnostic(loaded.document(obstacle.path)) for obstacle in wish.obstacles)
        problems.extend(d for at in wish.floating for d in at.diagnostic(loaded.document(at.path)))
        desired = placed(wish.model, model, here, base, world)
        recorded = read_ledger(world, (model.name,))
        offered = believed(world, (desired,), recorded)
        ledger = with_believed(recorded, offered)
        problems.extend(o.diagnostic(loaded.document(o.path)) for o in unsearchable(world, (desired,), ledger))
        deployed = grounds.endpoints_of(model.name)
        part = make_part(desired, ledger, deployed)
        is_known = desired.reach is not Reach.RELEASE or is_seen(desired, ledger)
        is_settled = is_known and not offered and not lacks(desired, ledger, deployed)
        found = Found(part, ordered(problems), ledger.damaged, is_settled=is_settled)
        tags = wish.tags
    if has_errors(problems):
        return Examined(folder.name, None, tuple(problems))
    places = {*here.places(folder.path), *(base.places(folder.path) if base is not None else ())}
    beside = Beside(tuple(sorted(places)), here.reads(), data, tags)
    seen = Outside(here.digests(), digests, glance.images(tags) if tags else ())
    memory = Memory(beside, token(glance, grounds, folder, beside, names, seen), found.text())
    return Examined(folder.name, memory, tuple(problems))


def _outside(model: Model, tree: Tree) -> tuple[str, ...]:
    """Return the paths of data, and of models trained elsewhere, whose files are not the tree's but the disk's."""
    paths = (*(path for _, path in model.data.paths()), *(c.artifact for c in model.candidates if c.artifact))
    return tuple(sorted({p for p in paths if not ((at := within(model.folder, p)) and visible(tree.blobs(at), at))}))
