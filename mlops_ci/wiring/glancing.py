"""What a survey needs, of a target."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from mlops_ci.adapters.local.installed import installed
from mlops_ci.executor.glance import Glance
from mlops_ci.model.project import AWS
from mlops_ci.wiring.ground import Ground
from mlops_ci.wiring.place import Place, cores

if TYPE_CHECKING:
    from mlops_ci.executor.world import World
    from mlops_ci.plan.deployed import Deployed

_REGION = ("AWS_CONFIG_FILE", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_REGION")

Item = TypeVar("Item")
Result = TypeVar("Result")


def glance(place: Place, target: str, is_cancelled: Callable[[], bool]) -> Glance:
    """Return what a survey of the project needs; raises as `Ground`."""
    ground = Ground(place, target)
    offered = ground.store.stamp() if ground.project.trust_pull_requests and not ground.pull_request else ""

    def describe() -> tuple[Deployed, ...]:
        if ground.target.kind == AWS:
            from mlops_ci.adapters.aws.endpoints.describing import described as described_by_aws

            return described_by_aws(ground.account)
        from mlops_ci.adapters.local.describing import described

        return described(ground.endpoints)

    def spread(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        from mlops_ci.adapters.local import spreading

        return spreading.spread(work, items, cores=cores())

    def world() -> World:
        from mlops_ci.wiring.worlds import world_on

        return world_on(ground, is_cancelled)

    def images(tags: tuple[str, ...]) -> tuple[str, ...]:
        return ground.images.digests(tags)

    return Glance(
        branch=ground.project.branch,
        target=ground.target.name,
        pipelines=ground.project.pipelines,
        is_private=ground.is_private,
        is_current=ground.is_current,
        state=f"{ground.digest} {_software(ground)} {ground.pull_request} {offered}",
        snapshot=f"plan-{ground.target.name}",
        repository=ground.repository,
        records=ground.records,
        describe=describe,
        snapshots=ground.snapshots,
        images=images,
        spread=spread,
        world=cache(world),
    )


def _software(ground: Ground) -> str:
    """Return the digest of the software that any model's jobs may be given: what is installed here.

    In AWS it is an image, of which each model knows its own; all that is of this machine is which tables list them, and
    what says the region where the target does not.
    """
    if ground.target.kind != AWS:
        about = repr((sys.version_info[:2], sorted(installed(ground.sites).items())))
    else:
        said = {name: found for name, found in ground.place.environment.items() if name in _REGION}
        about = repr((installed(ground.sites).get("sagemaker-core"), {} if ground.target.region else said))
    return hashlib.sha256(about.encode()).hexdigest()
