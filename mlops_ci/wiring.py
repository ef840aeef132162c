"""The composition root: the only place that knows which adapters exist."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mlops_ci import resources
from mlops_ci.adapters.files.layers import artifacts_of, offers, own_store, records_of, stamp
from mlops_ci.adapters.files.layout import check, make_ready
from mlops_ci.adapters.files.snapshots import FolderSnapshots
from mlops_ci.adapters.git.process import content_of, find_project, root_of
from mlops_ci.adapters.git.repository import GitRepository
from mlops_ci.adapters.local.installed import installed, site_folders
from mlops_ci.adapters.pull_requests import pull_request_of
from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import ManifestError, UsageError
from mlops_ci.executor.glance import Glance
from mlops_ci.manifest.choosing import chosen_target
from mlops_ci.model import Json, Project

if TYPE_CHECKING:
    from mlops_ci.executor.keeping.upkeep import Upkeep
    from mlops_ci.executor.world import World
    from mlops_ci.plan.deployed import Deployed
    from mlops_ci.ports.commits import Commits
    from mlops_ci.ports.jobs import TransformJob
    from mlops_ci.ports.repository import Repository

Item = TypeVar("Item")
Result = TypeVar("Result")

PROJECT_FILE = "mlops-ci.yaml"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command runs: the folder it was started in, its environment, how many steps go on at a time.

    `pull_request` is the id that the command line says, or empty.
    """

    folder: Path
    environment: Mapping[str, str]
    width: int
    pull_request: str = ""


def schemas() -> dict[str, Json]:
    """Return the JSON Schemas by their name: `project`, `model`, `candidate`, `release`."""
    folder = resources.folder("schemas")
    return {path.name.split(".")[0]: json.loads(path.read_text()) for path in sorted(folder.glob("*.schema.json"))}


def find(folder: Path) -> Path:
    """Return the project folder at or above `folder`.

    Raises:
        UsageError: `folder` is none.
        ManifestError: there is none.

    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder `{folder}`", hint="mlops-ci -C DIR ..., with the folder of a project")
    project = find_project(folder.resolve(), PROJECT_FILE)
    if project is None:
        summary = f"there is no `{PROJECT_FILE}` here or in a folder above"
        raise ManifestError(
            (Diagnostic("no-project", Span(str(folder)), summary, hint="mlops-ci init --example churn"),)
        )
    return project


class Ground:
    """What stands before anything is read but the project's file: where things are kept, and the repository.

    Raises:
        ManifestError: there is no project, its file is wrong, or it is in no git repository.
        UsageError: there is no such target.
        ProviderError: a newer mlops-ci wrote the store.

    """

    def __init__(self, place: Place, target: str) -> None:
        self.place = place
        self.folder = find(place.folder)
        self.pull_request = pull_request_of(place.environment, place.pull_request)
        served = self.folder / ".mlops-ci"
        self.state = own_store(served, self.pull_request) if self.pull_request else served
        self.snapshots = FolderSnapshots(self.state / "cache")
        content = content_of(self.folder, PROJECT_FILE)
        self.digest = hashlib.sha256(content + resources.state().encode()).hexdigest()
        self.project = self._project(content)
        self.target = chosen_target(self.project, target)
        self.is_private = self.target.name != self.project.target
        self.suffix = f"-{self.target.name}" if self.is_private else ""
        self.store = self.folder / self.target.store
        check(self.store)
        self.endpoints = served / f"endpoints{self.suffix}"
        self.records = records_of(self.store, self.pull_request)
        self.repository = self._repository()

    @cached_property
    def sites(self) -> tuple[Path, ...]:
        """The folders that our interpreter's distributions are in."""
        return site_folders(sys.path)

    def _repository(self) -> Repository:
        git = GitRepository(
            self.folder, branch=self.project.branch, remote=self.project.remote, environment=self.place.environment
        )
        if not self.is_private:
            return git
        from mlops_ci.adapters.git.private import PrivateRepository

        return PrivateRepository(git, self.records)

    def commits(self) -> Commits:
        """Return the repository's history; nothing is asked of it yet."""
        from mlops_ci.adapters.git.commits import GitCommits
        from mlops_ci.adapters.git.private import PrivateCommits

        commits = GitCommits(self.folder, self.place.environment)
        return PrivateCommits(commits, self.records) if self.is_private else commits

    def _project(self, content: bytes) -> Project:
        """Return the project, without a YAML parser where the same file was read before."""
        from mlops_ci.manifest.remembering import remembered

        try:
            kept = json.loads(self.snapshots.load("project.json"))
            if kept.pop("digest") == self.digest:
                return remembered(kept)
        except (ValueError, KeyError, TypeError, AttributeError):
            pass  # no snapshot, or a damaged one
        from mlops_ci.manifest.loading import load, load_project
        from mlops_ci.model.effects import plain

        texts = schemas()
        try:
            project = load_project(content, texts)
        except ManifestError as error:  # what is wrong with the models is told at once with it
            tree = GitRepository(self.folder, branch="", remote="", environment=self.place.environment).worktree()
            raise ManifestError(load(tree, texts).diagnostics or error.diagnostics) from error
        data = plain(project)
        assert isinstance(data, dict)  # noqa: S101 - a dataclass is an object
        self.snapshots.save("project.json", json.dumps({"digest": self.digest, **data}).encode())
        return project


def glance(place: Place, target: str, is_cancelled: Callable[[], bool]) -> Glance:
    """Return what a survey of the project needs; raises as `Ground`."""
    ground = Ground(place, target)
    offered = stamp(ground.store) if ground.project.trust_pull_requests and not ground.pull_request else ""
    software = hashlib.sha256(repr((sys.version_info[:2], sorted(installed(ground.sites).items()))).encode())

    def describe() -> tuple[Deployed, ...]:
        from mlops_ci.adapters.local.describing import described

        return described(ground.endpoints)

    def spread(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        from mlops_ci.adapters.local import spreading

        return spreading.spread(work, items, cores=cores())

    return Glance(
        branch=ground.project.branch,
        target=ground.target.name,
        pipelines=ground.project.pipelines,
        is_private=ground.is_private,
        state=f"{ground.digest} {software.hexdigest()} {ground.pull_request} {offered}",
        snapshot=f"plan-{ground.target.name}",
        repository=ground.repository,
        records=ground.records,
        describe=describe,
        snapshots=ground.snapshots,
        spread=spread,
        world=cache(lambda: _local(ground, is_cancelled)),
    )


def build_world(place: Place, target: str, is_cancelled: Callable[[], bool]) -> World:
    """Return the world of the project that the command was started in; raises as `Ground`."""
    return _local(Ground(place, target), is_cancelled)


def bring_up_to_date(world: World, folder: Path) -> int:
    """Return how many records had to be moved for the store to have today's layout; a pull request has only its own."""
    store = find(folder) / world.target.store
    store = own_store(store, world.pull_request) if world.pull_request else store
    return make_ready(store) if (store / "records").is_dir() else 0


def repository_root(folder: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the top of the git repository, and the place in it of the project (or folder) that `folder` is in."""
    return root_of(find_project(folder.resolve(), PROJECT_FILE) or folder, environment)


def upkeep_of(place: Place, target: str, is_cancelled: Callable[[], bool]) -> Upkeep:
    """Return what looking after the store of a target needs; raises as `Ground`."""
    from mlops_ci.adapters.files.inventory import FolderInventory, FolderPruning
    from mlops_ci.adapters.files.others import another, turn
    from mlops_ci.adapters.git.branches import GitBranches
    from mlops_ci.adapters.local.worksites import LocalWorksites
    from mlops_ci.executor.keeping.upkeep import Upkeep

    ground = Ground(place, target)
    served = ground.folder / ".mlops-ci"
    return Upkeep(
        world=_local(ground, is_cancelled),
        records=records_of(ground.store, ""),
        artifacts=artifacts_of(ground.store, ""),
        inventory=FolderInventory(ground.store),
        pruning=FolderPruning(ground.store),
        branches=GitBranches(ground.folder, place.environment),
        worksites=LocalWorksites(served, served / f"jobs{ground.suffix}"),
        turn=lambda: turn(ground.store),
        another=lambda source: another(Path(place.folder, source), ground.store),
        cores=cores(),
    )


def _local(ground: Ground, is_cancelled: Callable[[], bool]) -> World:
    """Return the world in which everything runs on this machine; what it makes is below `.mlops-ci`.

    A pull request has jobs, environments, packages and datasets of its own: what its code put there is nobody else's.
    """
    import platform

    from mlops_ci.adapters.files.clock import SystemClock
    from mlops_ci.adapters.files.datasets import LocalDatasets
    from mlops_ci.adapters.local.endpoints import LocalEndpoints
    from mlops_ci.adapters.local.environments import Environments
    from mlops_ci.adapters.local.images import LocalImages
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

    place, state, suffix = ground.place, ground.state, ground.suffix
    artifacts = artifacts_of(ground.store, ground.pull_request)
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
        commits=ground.commits(),
        records=ground.records,
        artifacts=artifacts,
        trainer=local_trainer(workshop, environments, tree),
        processor=local_processor(workshop, environments, tree),
        transformer=local_transformer(replace(workshop, passed=()), unpack),
        images=LocalImages(".".join(platform.python_version_tuple()[:2]), ground.sites),
        datasets=LocalDatasets(state / "datasets", state / "digests.json", ground.folder, artifacts),
        endpoints=endpoints,
        metrics=LocalMetrics(environments=environments, tree=tree),
        suites=LocalUserTests(ground.folder, python, place.environment, passed=passed, is_cancelled=is_cancelled),
        sampler=OptunaSampler(),
        snapshots=ground.snapshots,
        clock=SystemClock(workshop.runners.pause),
        is_cancelled=is_cancelled,
        pull_request=ground.pull_request,
        offers=lambda: offers(ground.store),
    )


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def release_branch(folder: Path, environment: Mapping[str, str]) -> str | None:
    """Return the release branch of the repository that a folder is in, or None where it is in none."""
    from mlops_ci.adapters.git.creation import branch_of

    return branch_of(folder, environment)


def first_commit(folder: Path, branch: str, paths: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """Return the first commit of a new repository in `folder`."""
    from mlops_ci.adapters.git.creation import create

    return create(folder, branch, paths, environment)
