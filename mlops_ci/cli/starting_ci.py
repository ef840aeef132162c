"""`init --ci`: the files of a CI system, written where it looks for them, and what to type next."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.cli.next_commands import codebuild_commands, github_commands
from mlops_ci.cli.session import Session
from mlops_ci.commands import ci_package
from mlops_ci.commands.ci_files import Found, Wanted, examined, settings_of, wanted
from mlops_ci.commands.ci_text import Standing
from mlops_ci.commands.ci_workflows import refuse_what_no_file_can_hold
from mlops_ci.commands.laying import lay, refuse_files_above
from mlops_ci.errors import UsageError
from mlops_ci.manifest import load_project
from mlops_ci.model.project import AWS, Project, Target
from mlops_ci.wiring import schemas
from mlops_ci.wiring.place import PROJECT_FILE
from mlops_ci.wiring.starting import Ground, far, ground, own_origin

_WHY = {
    Standing.CURRENT: "it is there already",
    Standing.BEHIND: "it is there, and has fallen behind; hint: mlops-ci ci check --update",
    Standing.AHEAD: "a later mlops-ci wrote it",
    Standing.EDITED: "you edited it",
    Standing.FOREIGN: "a file of yours has this name; without ours this part of the loop is missing "
    "(give yours another name, and type this again)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beginning:
    """The files that a CI system gets, and where."""

    session: Session
    folder: Path
    ground: Ground
    project: Project
    files: tuple[Wanted, ...]
    requirement: str

    def lay(self) -> tuple[str, ...]:
        """Return the paths written, from the top of the repository; what is there is left alone and told."""
        before: tuple[Found, ...] = examined(self.ground.top, self.files)
        new = {found.wanted.path: found.wanted.text.encode() for found in before if found.standing is Standing.MISSING}
        requirements = self._requirements
        new[requirements] = ci_package.text_of(self.requirement).encode()
        written, kept = lay(self.ground.top, new)
        for name in written:
            self.session.talk(f"wrote {name}")
        for found in before:
            if found.standing is not Standing.MISSING:
                self.session.talk(f"left alone {found.wanted.path}: {_WHY[found.standing]}")
        for name in kept:
            self.session.talk(f"left alone {name}: it is there already")
        return written

    @property
    def _requirements(self) -> str:
        return (Path(self.ground.place) / ci_package.FILE).as_posix()

    def tell_what_comes_next(
        self, in_project: tuple[str, ...], in_repository: tuple[str, ...], *, is_new: bool
    ) -> None:
        """Say what must be known before the first push, and the next commands."""
        self._tell_of_the_package()
        self._tell_of_the_store()
        remote, branch = self.project.remote, self.project.branch
        known = far(self.ground.top, remote, branch, self.session.environment)
        if not known.is_branch_there:
            self.session.talk(
                f"warning: `{PROJECT_FILE}` names the branch `{branch}`, which this repository does not have"
            )
            self.session.talk(
                f"hint: git branch -m {shlex.quote(branch)}, or another `branch` in {PROJECT_FILE}, then init again"
            )
        top = os.path.relpath(self.ground.top, self.session.folder.resolve())
        git = "git" if top == "." else f"git -C {shlex.quote(top)}"
        commit = self._commit(git, in_project, in_repository, is_new=is_new)
        match self.session.arguments.ci:
            case "github":
                lines = github_commands(git, commit, remote, branch, known.address)
            case _:
                lines = codebuild_commands(
                    git, commit, remote, branch, known.address, self._template(top), self._target
                )
        for line in lines:
            self.session.talk(line)

    def _commit(self, git: str, in_project: tuple[str, ...], in_repository: tuple[str, ...], *, is_new: bool) -> str:
        """Return the command that commits what was written; empty where it is committed."""
        place = Path(self.ground.place)
        paths = {_part(name, self.ground.place) for name in in_repository}
        paths |= {_part((place / name).as_posix(), self.ground.place) for name in in_project}
        if is_new:
            paths = set() if self._is_package_known() else {self._requirements}
        if not paths:
            return ""
        return f"{git} add {shlex.join(sorted(paths))} && {git} commit -m 'Add the loop of mlops-ci'"

    def _template(self, top: str) -> str:
        return os.path.normpath(Path(top, self.ground.place, "buildspecs/codepipeline.yaml"))

    @property
    def _target(self) -> Target | None:
        return self.project.named_target(self.project.target)

    def _is_package_known(self) -> bool:
        place = self.ground.top / self._requirements
        return ci_package.names_us(place.read_text(encoding="utf-8", errors="replace"))

    def _tell_of_the_package(self) -> None:
        if not self._is_package_known():
            self.session.talk(f"warning: {self._requirements} names no mlops-ci yet, so CI could not install it")
            self.session.talk(f"hint: write a line such as `{self.requirement or ci_package.EXAMPLE}` into it")

    def _tell_of_the_store(self) -> None:
        if self._target is None or self._target.store.startswith("s3://"):
            return
        store = self._target.store
        if self.session.arguments.ci == "github":
            self.session.talk(
                f"note: the store `{store}` is a folder, so one job does all, and a hosted runner loses it"
            )
            self.session.talk("hint: a store on S3, or a runner of your own (docs/ci.md#where-records-stay)")
        else:
            self.session.talk(
                f"warning: the store `{store}` is a folder, and each build would lose it with its container"
            )
            self.session.talk("hint: a target in AWS with a store on S3 (docs/aws.md), in mlops-ci.yaml")


def beginning(session: Session, folder: Path, branch: str) -> Beginning:
    """Return what will be written for a folder.

    Raises:
        UsageError: the project is another folder, or its names fit into no file.
        ManifestError: its project file is wrong.

    """
    _refuse_another_folder(folder)
    place = ground(folder, session.environment)
    file = folder / PROJECT_FILE
    project = load_project(file.read_bytes(), schemas()) if file.is_file() else Project(branch=branch)
    settings = settings_of(project, place.place)
    refuse_what_no_file_can_hold(settings)
    files = wanted(session.arguments.ci, settings)
    refuse_files_above(place.top, (file.path for file in files))
    return Beginning(session, folder, place, project, files, _requirement(session, project))


def _requirement(session: Session, project: Project) -> str:
    given: str = session.arguments.package.strip()
    if "\n" in given:
        raise UsageError("a requirement is one line", hint=f"--package '{ci_package.EXAMPLE}'")
    if given:
        return given
    target = project.named_target(project.target)
    needs_aws = target is not None and (target.kind == AWS or target.store.startswith("s3://"))
    extras = [
        name for name, asked in (("aws", needs_aws), ("examples", session.arguments.example is not None)) if asked
    ]
    return ci_package.line_of(own_origin(session.environment), tuple(extras))


def _refuse_another_folder(folder: Path) -> None:
    """Raise where the project is above or below: a second one here is hardly what is meant."""
    if (folder / PROJECT_FILE).is_file():
        return
    above = next((place for place in folder.resolve().parents if (place / PROJECT_FILE).is_file()), None)
    below = sorted(place.parent for depth in ("*", "*/*") for place in folder.glob(f"{depth}/{PROJECT_FILE}"))
    there = above or next(iter(below), None)
    if there is not None:
        told = shlex.quote(os.path.relpath(there, folder.resolve()) if above else str(there.relative_to(folder)))
        raise UsageError(
            f"there is no `{PROJECT_FILE}` here, but one in `{told}`, so the files would be for another project",
            hint=f"mlops-ci init {told} --ci ..., or `mlops-ci init` first where a second project is meant",
        )


def _part(path: str, place: str) -> str:
    """Return the folder, or file, that stands for a path in `git add`: as wide as what is ours, no wider."""
    parts = Path(path).parts
    if parts[0] == ".github":
        return "/".join(parts[:2])
    deep = len(Path(place).parts) + 1
    return "/".join(parts[:deep])
