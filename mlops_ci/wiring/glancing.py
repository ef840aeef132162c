"""What a survey needs, of a target."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from mlops_ci.adapters.local.installed import installed
from mlops_ci.executor.glance import Glance
from mlops_ci.wiring.ground import Ground
from mlops_ci.wiring.place import Place, cores

if TYPE_CHECKING:
    from mlops_ci.executor.world import World
    from mlops_ci.plan.deployed import Deployed

Item = TypeVar("Item")
Result = TypeVar("Result")


def glance(place: Place, target: str, is_cancelled: Callable[[], bool]) -> Glance:
    """Return what a survey of the project needs; raises as `Ground`."""
    ground = Ground(place, target)
    offered = ground.store.stamp() if ground.project.trust_pull_requests and not ground.pull_request else ""
    software = hashlib.sha256(repr((sys.version_info[:2], sorted(installed(ground.sites).items()))).encode())

    def describe() -> tuple[Deployed, ...]:
        from mlops_ci.adapters.local.describing import described

        return described(ground.endpoints)

    def spread(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        from mlops_ci.adapters.local import spreading

        return spreading.spread(work, items, cores=cores())

    def world() -> World:
        from mlops_ci.wiring.worlds import world_on

        return world_on(ground, is_cancelled)

    return Glance(
        branch=ground.project.branch,
        target=ground.target.name,
        pipelines=ground.project.pipelines,
        is_private=ground.is_private,
        is_current=ground.is_current,
        state=f"{ground.digest} {software.hexdigest()} {ground.pull_request} {offered}",
        snapshot=f"plan-{ground.target.name}",
        repository=ground.repository,
        records=ground.records,
        describe=describe,
        snapshots=ground.snapshots,
        spread=spread,
        world=cache(world),
    )
