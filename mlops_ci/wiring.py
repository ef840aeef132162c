"""The composition root: the only place that knows which adapters exist."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mlops_ci import resources
from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.clock import SystemClock
from mlops_ci.adapters.files.datasets import LocalDatasets
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.adapters.git.private import PrivateRepository
from mlops_ci.adapters.git.process import find_project
from mlops_ci.adapters.git.repository import GitRepository
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.adapters.local.environments import Environments
from mlops_ci.adapters.local.images import LocalImages
from mlops_ci.adapters.local.installed import site_folders
from mlops_ci.adapters.local.locks import FileLocks
from mlops_ci.adapters.local.metrics import LocalMetrics
from mlops_ci.adapters.local.processing import local_processor
from mlops_ci.adapters.local.suites import LocalUserTests
from mlops_ci.adapters.local.threads import threads_each
from mlops_ci.adapters.local.training import local_trainer
from mlops_ci.adapters.local.transform import local_transformer
from mlops_ci.adapters.local.workshop import Workshop
from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import ManifestError, UsageError
from mlops_ci.executor.packages import package_of
from mlops_ci.executor.world import World
from mlops_ci.manifest import load_project
from mlops_ci.manifest.document import did_you_mean, listed
from mlops_ci.model import Json, Project, Target
from mlops_ci.ports.jobs import TransformJob

PROJECT_FILE = "mlops-ci.yaml"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command runs: the folder it was started in, its environment, how many steps go on at a time, its verb."""

    folder: Path
    environment: Mapping[str, str]
    width: int
    verb: str = "run"


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


def build_world(place: Place, target: str, is_cancelled: Callable[[], bool]) -> World:
    """Return the world of the project that the command was started in.

    Raises:
        ManifestError: there is no project, its file is wrong, or it is in no git repository.
        UsageError: there is no such target.

    """
    folder = find(place.folder)
    texts = schemas()
    project = load_project((folder / PROJECT_FILE).read_bytes(), texts)
    chosen = _target(project, target or project.target)
    repository: GitRepository | PrivateRepository = GitRepository(
        folder, branch=project.branch, remote=project.remote, environment=place.environment
    )
    store = folder / chosen.store
    records, artifacts = FolderRecords(store), FolderArtifacts(store)
    if chosen.name != project.target:
        repository = PrivateRepository(repository, records)
    return _local(folder, place, project, chosen, texts, repository, records, artifacts, is_cancelled)


def _target(project: Project, name: str) -> Target:
    found = project.named_target(name)
    if found is None:
        known = [t.name for t in project.targets]
        raise UsageError(
            f"there is no target `{name}`",
            hint=did_you_mean(name, known, f"add it to `{PROJECT_FILE}`"),
            detail=f"the targets are {listed(known)}",
        )
    return found


def _local(
    folder: Path,
    place: Place,
    project: Project,
    target: Target,
    texts: Mapping[str, Json],
    repository: GitRepository | PrivateRepository,
    records: FolderRecords,
    artifacts: FolderArtifacts,
    is_cancelled: Callable[[], bool],
) -> World:
    """Return the world in which everything runs on this machine; what it makes is below `.mlops-ci`."""
    state = folder / ".mlops-ci"
    suffix = "" if target.name == project.target else f"-{target.name}"
    python, sites = Path(sys.executable), site_folders(sys.path)
    tree = cache(repository.worktree)  # jobs read files through it at submit, each checked against its blob id
    environments = Environments(state / "environments", place.environment, python, sites)
    endpoints = LocalEndpoints(state / f"endpoints{suffix}", artifacts, environments.python_for)
    workshop = Workshop(
        state / f"jobs{suffix}", artifacts, place.environment, threads=threads_each(cores(), place.width)
    )

    def unpack(job: TransformJob) -> tuple[Path, Path]:
        package = package_of(records, job.model, job.package)
        return endpoints.unpack(package), environments.python_for(package.image)

    return World(
        project=project,
        target=target,
        schemas=texts,
        repository=repository,
        landings=repository,
        records=records,
        artifacts=artifacts,
        trainer=local_trainer(workshop, environments, tree),
        processor=local_processor(workshop, environments, tree),
        transformer=local_transformer(workshop, unpack),
        images=LocalImages(".".join(platform.python_version_tuple()[:2]), sites),
        datasets=LocalDatasets(state / "datasets", state / "digests.json", folder, artifacts),
        endpoints=endpoints,
        metrics=LocalMetrics(environments=environments, tree=tree),
        suites=LocalUserTests(folder, python, place.environment, is_cancelled=is_cancelled),
        clock=SystemClock(),
        locks=FileLocks(state / f"locks{suffix}", place.verb, SystemClock()),
        is_cancelled=is_cancelled,
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
