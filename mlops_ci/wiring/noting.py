"""What notebooks need beside the world."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from mlops_ci.adapters.git.remotes import clone_address
from mlops_ci.executor.notebook import Desk
from mlops_ci.executor.world import World
from mlops_ci.model.project import AWS
from mlops_ci.ports.notebooks import Notebooks
from mlops_ci.wiring.ground import Ground
from mlops_ci.wiring.place import Place
from mlops_ci.wiring.worlds import world_on

_LOCAL_PAUSE, _AWS_PAUSE = 0.2, 5.0


def desk_of(place: Place, target: str, is_cancelled: Callable[[], bool]) -> tuple[World, Desk]:
    """Return the world of the project, and what notebooks need beside it; raises as `Ground`."""
    ground = Ground(place, target)
    world = world_on(ground, is_cancelled)
    kept, pause = (_aws(ground), _aws_pause(place)) if ground.target.kind == AWS else (_local(ground), _LOCAL_PAUSE)
    return world, Desk(kept, lambda: clone_address(ground.folder, ground.project.remote, place.environment), pause)


def _local(ground: Ground) -> Notebooks:
    from mlops_ci.adapters.local.environments import Environments
    from mlops_ci.adapters.local.notebooks import LocalNotebooks

    environment = ground.place.environment
    environments = Environments(ground.state / "environments", environment, Path(sys.executable), ground.sites)
    return LocalNotebooks(ground.state / "notebooks", ground.folder, environment, environments.python_for)


def _aws(ground: Ground) -> Notebooks:
    from mlops_ci.adapters.aws.jobs.inputs import Inputs
    from mlops_ci.adapters.aws.notebooks import SageMakerNotebooks
    from mlops_ci.wiring.aws import account_of

    account = account_of(ground)
    bucket = ground.bucket(account)
    return SageMakerNotebooks(account, Inputs(bucket, cache(ground.repository.worktree)).placed)


def _aws_pause(place: Place) -> float:
    from mlops_ci.adapters.aws.jobs.making import every_of

    said = every_of(place.environment)
    return _AWS_PAUSE if said is None else said
