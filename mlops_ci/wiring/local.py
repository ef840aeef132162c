"""The world of a target whose work runs on this machine."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from mlops_ci.adapters.files.clock import SystemClock
from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.adapters.files.listings import Listings
from mlops_ci.adapters.local.access import LocalAccess
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.adapters.local.environments import Environments
from mlops_ci.adapters.local.images import LocalImages
from mlops_ci.adapters.local.locks import FileLocks
from mlops_ci.adapters.local.metrics import LocalMetrics
from mlops_ci.adapters.local.processing import local_processor
from mlops_ci.adapters.local.suites import LocalUserTests
from mlops_ci.adapters.local.threads import threads_each
from mlops_ci.adapters.local.training import local_trainer
from mlops_ci.adapters.local.transform import local_transformer
from mlops_ci.adapters.local.workshop import Workshop
from mlops_ci.adapters.optuna.sampler import OptunaSampler
from mlops_ci.executor.packages import package_of
from mlops_ci.executor.world import World
from mlops_ci.model.project import AWS
from mlops_ci.ports.far import FarObjects, Unasked
from mlops_ci.ports.jobs import TransformJob
from mlops_ci.wiring.ground import Ground
from mlops_ci.wiring.place import cores, schemas
from mlops_ci.wiring.proposing import proposing_of


def far_objects(ground: Ground) -> FarObjects:
    """Return what lists and fetches data on S3; nothing is asked of it yet, and of `validate` nothing ever."""
    if ground.place.verb == "validate":
        return Unasked()
    from mlops_ci.adapters.aws.account import Clients
    from mlops_ci.adapters.aws.distant import S3Objects

    return S3Objects(Clients(ground.target.region))


def local_world(ground: Ground, is_cancelled: Callable[[], bool]) -> World:
    """Return the world in which everything runs on this machine; what it makes is below `.mlops-ci`.

    A pull request has jobs, environments, packages and datasets of its own: what its code put there is nobody else's.
    """
    place, state, suffix = ground.place, ground.state, ground.suffix
    artifacts = ground.store.artifacts(ground.pull_request)
    python = Path(sys.executable)
    tree = cache(ground.repository.worktree)  # jobs read files through it, each checked against its blob id
    environments = Environments(state / "environments", place.environment, python, ground.sites)
    endpoints = LocalEndpoints(ground.endpoints, artifacts, environments.python_for, packages=state / "packages")
    threads, passed = threads_each(cores(), place.width), ground.target.pass_environment
    workshop = Workshop(state / f"jobs{suffix}", artifacts, place.environment, threads=threads, passed=passed)

    def unpack(job: TransformJob) -> tuple[Path, Path]:
        package = package_of(ground.records, job.model, job.package)
        return endpoints.unpack(package), environments.python_for(package.image)

    return World(
        project=ground.project,
        target=ground.target,
        schemas=schemas(),
        repository=ground.repository,
        landings=ground.repository,
        commits=ground.commits(),
        records=ground.records,
        artifacts=artifacts,
        trainer=local_trainer(workshop, environments, tree),
        processor=local_processor(workshop, environments, tree),
        transformer=local_transformer(replace(workshop, passed=()), unpack),
        images=LocalImages(".".join(platform.python_version_tuple()[:2]), ground.sites),
        datasets=LocalDatasets(
            state / "datasets",
            state / "digests.json",
            ground.folder,
            artifacts,
            Listings(far_objects(ground)),
            is_far_read=ground.target.kind == AWS,
        ),
        endpoints=endpoints,
        access=LocalAccess(),
        metrics=LocalMetrics(environments=environments, tree=tree),
        suites=LocalUserTests(ground.folder, python, place.environment, passed=passed, is_cancelled=is_cancelled),
        sampler=OptunaSampler(),
        snapshots=ground.snapshots,
        clock=SystemClock(workshop.runners.pause),
        locks=FileLocks(state / f"locks{suffix}", place.verb, SystemClock()),
        is_cancelled=is_cancelled,
        pull_request=ground.pull_request,
        offers=ground.store.offers,
        proposing=proposing_of(ground),
    )
