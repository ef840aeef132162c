"""The world of a target, of whatever kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_ci.model.project import AWS
from mlops_ci.wiring.ground import Ground
from mlops_ci.wiring.place import Place, find
from mlops_ci.wiring.stores import store_of

if TYPE_CHECKING:
    from mlops_ci.executor.world import World


def build_world(place: Place, target: str, is_cancelled: Callable[[], bool]) -> World:
    """Return the world of the project that the command was started in; raises as `Ground`."""
    return world_on(Ground(place, target), is_cancelled)


def world_on(ground: Ground, is_cancelled: Callable[[], bool]) -> World:
    """Return the world of a ground's target; what no command of another kind needs is not imported."""
    if ground.target.kind == AWS:
        from mlops_ci.wiring.aws import aws_world

        return aws_world(ground, is_cancelled)
    from mlops_ci.wiring.local import local_world

    return local_world(ground, is_cancelled)


def bring_up_to_date(world: World, folder: Path) -> int:
    """Return how many records had to be moved for the store to have today's layout; a pull request has only its own."""
    project = find(folder)
    return store_of(world.target, project, project / ".mlops-ci", "run").bring_up_to_date(world.pull_request)
