"""A model whose manifests are files, when everything was done; and what another manifest changes then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mlops_ci.executor.desire import desire
from mlops_ci.manifest import load
from mlops_ci.plan.change import Plan
from mlops_ci.plan.desired import DesiredModel
from mlops_ci.ports.jobs import Image, Software
from mlops_ci.testing.trees import MemoryTree
from mlops_ci.views.diagnostics import render
from tests.effects.bases import Manifests, tree
from tests.effects.cases import At
from tests.executor.small import small
from tests.executor.small_ports import SmallImages
from tests.manifest.trees_of_cases import schemas
from tests.worlds import World, done


class AllImages(SmallImages):
    """`Images` of a target that can run whatever is asked for."""

    def resolve(self, asked: Software) -> Image:
        return Image(reference=asked.image, requirements=asked.requirements, framework=asked.framework)


def desired(root: Path, project: MemoryTree) -> DesiredModel:
    """Return what a project's one model desires; its manifests are valid."""
    loaded = load(project, schemas())
    assert render(d for d in loaded.diagnostics if d.severity.value == "error") == ""
    (model,) = loaded.models
    wish = desire(replace(small(root).world, images=AllImages()), model, project)
    assert wish.obstacles == ()
    return wish.model


def finished_world(root: Path, given: Manifests) -> World:
    """Return the world in which everything that these manifests say was done."""
    world = done(desired(root, tree(given)))
    world = replace(world, known=("m",))
    assert (world.plan().changes, world.plan().steps) == ((), ())
    return world


def plan_after(root: Path, world: World, given: Manifests) -> Plan:
    """Return the plan where these manifests take the place of those that were done."""
    now = replace(desired(root, tree(given)), release=world.desired.release)
    return replace(world, desired=now).plan()


def put(given: Manifests, file: str, changes: dict[At, object]) -> None:
    """Set values in one manifest; the last part of each path may be new."""
    for at, value in changes.items():
        place = given[file]
        for part in at[:-1]:
            place = place[part]  # type: ignore[index]
        place[at[-1]] = value  # type: ignore[index]
