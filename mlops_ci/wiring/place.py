"""Where a command runs, and what can be said of that place before anything of the project is read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_ci import resources
from mlops_ci.adapters.git.process import find_project, root_of
from mlops_ci.adapters.pull_requests import pull_request_of
from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import ManifestError, UsageError
from mlops_ci.model import Json

PROJECT_FILE = "mlops-ci.yaml"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command runs: the folder it was started in, its environment, how many steps go on at a time.

    `pull_request` is the id that the command line says, or empty; `verb` is what is done.
    """

    folder: Path
    environment: Mapping[str, str]
    width: int
    pull_request: str = ""
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


def repository_root(folder: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the top of the git repository, and the place in it of the project (or folder) that `folder` is in."""
    return root_of(find_project(folder.resolve(), PROJECT_FILE) or folder, environment)


def pull_request(place: Place) -> str:
    """Return the id of the pull request that a command works for, as it or the CI system says; empty for none."""
    return pull_request_of(place.environment, place.pull_request)


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
