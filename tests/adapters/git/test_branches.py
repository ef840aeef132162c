"""What the branches of a repository say is released."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlops_ci.adapters.git.branches import GitBranches
from tests.e2e.tiny import environment

A, B, C, D = ("abcd"[n] * 64 for n in range(4))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project in a subfolder of a repository, with a commit."""
    folder = tmp_path / "repository" / "models"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    write(folder, "pipelines/tiny/model.yaml", "name: tiny")
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=environment(), check=True, capture_output=True)


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", path)


def branches(project: Path) -> GitBranches:
    return GitBranches(project, environment())


def test_release_files_of_local_and_remote_branches_and_of_the_disk_all_count(project: Path, tmp_path: Path) -> None:
    write(project, "pipelines/tiny/release.yaml", f'versions:\n  - package: "{A}"\n')
    git(project, "checkout", "-q", "-b", "other")
    write(project, "pipelines/more/release.yaml", f'rolled_back:\n  - "{B}"\n')
    git(tmp_path, "clone", "-q", str(project), str(tmp_path / "clone"))
    git(project, "checkout", "-q", "main")
    assert branches(project).released() == {A, B}
    git(tmp_path / "clone", "checkout", "-q", "main")
    git(tmp_path / "clone", "branch", "-q", "-D", "other")
    assert branches(tmp_path / "clone").released() == {A, B}, "a remote branch is one"
    (project / "pipelines/tiny/release.yaml").write_text(f'champion: "{C}"')
    assert branches(project).released() == {A, B, C}
    git(project, "checkout", "-q", "--", ".")
    git(project, "checkout", "-q", "--detach")
    write(project, "pipelines/tiny/release.yaml", f'"{D}"')
    assert branches(project).released() == {A, B, D}


def test_a_release_file_that_no_reader_understands_protects_what_it_names(project: Path) -> None:
    write(project, "elsewhere/tiny/release.yaml", f"<<<<<<< HEAD\n\tpackage: {A}\n=======\n{B} {'e' * 65}\n")
    assert branches(project).released() == {A, B}


def test_models_of_every_branch_are_known(project: Path) -> None:
    git(project, "checkout", "-q", "-b", "other")
    write(project, "pipelines/more/model.yaml", "name: more")
    git(project, "checkout", "-q", "main")
    assert branches(project).models() == {"tiny", "more"}


def test_a_repository_without_a_commit_has_nothing(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert branches(tmp_path).released() == frozenset()
    assert branches(tmp_path).models() == frozenset()
