"""Which files a project has for a CI system, and how those that are there stand to them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from mlops_ci import __version__, resources
from mlops_ci.commands.ci_buildspecs import BY_VERB, PIPELINE, buildspec, folder_of, pipeline
from mlops_ci.commands.ci_events import KINDS
from mlops_ci.commands.ci_text import Standing, has_moved_on, stamped, standing
from mlops_ci.commands.ci_workflows import ACTION, Settings, action, file_of, workflow
from mlops_ci.model.project import AWS, Project

SYSTEMS = ("github", "codebuild")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file as it would be written today; its path begins at the top of the repository."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """How a file stands to what is wanted; `has_moved_on` says of an edited one that we would write another today."""

    wanted: Wanted
    standing: Standing
    has_moved_on: bool


def settings_of(project: Project, folder: str) -> Settings:
    """Return what the files must know of a project; `folder` is its place in the repository (`.`: the top)."""
    target = project.named_target(project.target)
    is_far = target is not None and target.store.startswith("s3://")
    region = target.region if target is not None and target.kind == AWS else ""
    return Settings(folder, project.branch, is_store_a_folder=not is_far, region=region)


def wanted(system: str, settings: Settings) -> tuple[Wanted, ...]:
    """Return the files of a project for one of `SYSTEMS`."""
    match system:
        case "github":
            found = list(_workflows(settings))
        case "codebuild":
            found = list(_buildspecs(settings))
        case _:
            raise AssertionError(system)
    return tuple(Wanted(path, stamped(body, __version__)) for path, body in found)


def _workflows(settings: Settings) -> Iterable[tuple[str, str]]:
    shipped = resources.folder("workflows")
    for kind in KINDS:
        yield file_of(kind, settings), workflow(kind, _read(shipped / f"models-{kind}.yml"), settings)
    yield f"{ACTION}/action.yml", action(_read(resources.folder("actions") / "setup/action.yml"))


def _buildspecs(settings: Settings) -> Iterable[tuple[str, str]]:
    for path in sorted(resources.folder("buildspecs").glob("*.y*ml")):
        if path.name != BY_VERB:
            write = pipeline if path.name == PIPELINE else buildspec
            yield f"{folder_of(settings)}/{path.name}", write(_read(path), settings)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


def examined(top: Path, files: tuple[Wanted, ...]) -> tuple[Found, ...]:
    """Return how each file stands in the repository whose top this is. A link is nobody's but the user's."""
    found = []
    for file in files:
        place = top / file.path
        there = place.read_bytes() if place.is_file() else None
        how = standing(there, file.text)
        if place.is_symlink() or (there is None and place.exists()):
            how = Standing.FOREIGN
        found.append(Found(file, how, there is not None and has_moved_on(there, file.text)))
    return tuple(found)


def is_to_be_written(found: Found) -> bool:
    """Return whether a file is missing, or ours and behind: what somebody else changed is left alone."""
    match found.standing:
        case Standing.MISSING | Standing.BEHIND:
            return True
        case Standing.CURRENT | Standing.AHEAD | Standing.EDITED | Standing.FOREIGN:
            return False
    assert_never(found.standing)


def renew(top: Path, file: Wanted) -> None:
    """Write a file whole or not at all."""
    place = top / file.path
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=place.parent, prefix=".mlops-ci-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(file.text.encode())
        Path(draft).chmod(place.stat().st_mode & 0o777 if place.exists() else 0o644)
        Path(draft).replace(place)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
