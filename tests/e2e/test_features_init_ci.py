"""Starting with a CI system: an empty folder, a repository that is there, a project below its top, mistakes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.tiny import Tiny, environment

pytestmark = pytest.mark.e2e

PACKAGE = "mlops-ci @ git+https://github.com/you/mlops-ci@4f0c1d"
RELEASE = ".github/workflows/mlops-ci-release.yml"


def repository(folder: Path, branch: str = "main") -> Tiny:
    folder.mkdir(exist_ok=True)
    made = Tiny(folder, environment())
    made.git("init", "-q", "-b", branch)
    made.git("commit", "-q", "--allow-empty", "-m", "mine")
    return made


def hints(said: str) -> list[str]:
    return [line.removeprefix("hint: ") for line in said.splitlines() if line.startswith("hint: ")]


def test_an_empty_folder_becomes_a_repository_and_the_hints_lead_to_github_word_for_word(tmp_path: Path) -> None:
    outside = Tiny(tmp_path, environment())
    done = outside.run("init", "new", "--example", "churn", "--ci", "github", "--package", PACKAGE)
    made = Tiny(tmp_path / "new", environment())
    assert made.git("status", "--porcelain") == ""
    assert made.git("rev-list", "--count", "HEAD") == "1"
    assert (made.folder / "requirements-ci.txt").read_text().splitlines()[-1] == PACKAGE
    made.run("ci", "check")

    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "far")], check=True, env=environment())
    address, push = hints(done.err)[-2:]
    for typed in (address.replace("https://github.com/OWNER/NAME.git", str(tmp_path / "far")), push):
        subprocess.run(["/bin/sh", "-c", typed], cwd=tmp_path, env=environment(), check=True, capture_output=True)
    assert made.git("rev-parse", "origin/main") == made.git("rev-parse", "main")


def test_in_a_repository_that_is_there_the_first_hint_commits_what_was_written_and_nothing_else(tmp_path: Path) -> None:
    project = repository(tmp_path / "re po", "trunk")
    project.git("remote", "add", "origin", "git@github.com:you/it.git")
    (project.folder / "notes.txt").write_text("mine")
    project.run("init")
    done = project.run("init", "--ci", "github", "--package", PACKAGE)
    commit, push = hints(done.err)[-2:]
    assert push == "git push -u origin trunk"
    assert "no remote" not in done.err
    subprocess.run(["/bin/sh", "-c", commit], cwd=project.folder, env=environment(), check=True, capture_output=True)
    assert project.git("status", "--porcelain") == "?? notes.txt"
    assert 'branches: ["trunk"]' in (project.folder / RELEASE).read_text()

    before = project.git("rev-parse", "HEAD^{tree}")
    again = project.run("init", "--ci", "github")
    assert "nothing to write" in again.out
    assert f"left alone {RELEASE}: it is there already" in again.err
    assert hints(again.err)[-1] == "git push -u origin trunk"
    project.git("add", "-A", ".github", "requirements-ci.txt")
    assert project.git("write-tree") == before


@pytest.mark.parametrize("system", ["github", "codebuild"])
def test_a_project_below_the_top_gets_its_files_where_the_system_looks_for_them(tmp_path: Path, system: str) -> None:
    project = repository(tmp_path / "repo")
    done = project.run("init", "ml/churn", "--ci", system, "--package", PACKAGE)
    subprocess.run(["/bin/sh", "-c", hints(done.err)[1]], cwd=project.folder, env=environment(), check=True,
                   capture_output=True)  # fmt: skip
    assert project.git("status", "--porcelain") == ""
    assert (project.folder / "ml/churn/requirements-ci.txt").is_file()
    if system == "github":
        text = (project.folder / ".github/workflows/mlops-ci-ml.churn-release.yml").read_text()
        assert 'working-directory: "ml/churn"' in text
    else:
        assert 'MLOPS_CI_FOLDER: "ml/churn"' in (project.folder / "ml/churn/buildspecs/plan.yml").read_text()
        assert not (project.folder / "ml/churn/buildspecs/image.yml").exists()
    Tiny(project.folder / "ml/churn", environment()).run("ci", "check")
    assert "ml/churn" in project.run("init", "--ci", system, code=64).err
    assert ".." in Tiny(project.folder / "ml/churn/schemas", environment()).run("init", "--ci", system, code=64).err


def test_ci_check_tells_what_is_behind_missing_and_edited_and_update_writes_only_the_first_two(tmp_path: Path) -> None:
    project = repository(tmp_path / "repo")
    told = project.run("-C", ".", "ci", "check", code=65)
    assert "mlops-ci init" in told.err
    project.run("init")
    assert "init --ci github" in project.run("ci", "check", code=1).err
    project.run("init", "--ci", "github", "--package", PACKAGE)
    drift, comment = (project.folder / f".github/workflows/mlops-ci-{kind}.yml" for kind in ("drift", "comment"))
    release = project.folder / RELEASE
    drift.unlink()
    comment.write_text(comment.read_text() + "# mine\n")
    release.write_bytes(release.read_bytes().replace(b"\n", b"\r\n"))
    file = project.folder / "mlops-ci.yaml"
    file.write_text(file.read_text().replace("branch: main", "branch: trunk"))

    done = project.run("ci", "check", code=1)
    assert {line.split()[1].rpartition("mlops-ci-")[2]: line.split()[0] for line in done.out.splitlines()[:-1]} == {
        "pull-request.yml": "behind", "release.yml": "behind", "operations.yml": "behind", "drift.yml": "missing",
        "comment.yml": "edited", ".github/actions/mlops-ci/action.yml": "current",
    }  # fmt: skip
    assert "3 behind and 1 missing" in done.out
    assert hints(done.err) == ["mlops-ci ci check --update"]
    project.run("ci", "check", "--update")
    assert drift.is_file()
    assert comment.read_text().endswith("# mine\n")
    assert 'branches: ["trunk"]' in release.read_text()
    assert "edited" in project.run("ci", "check").out
    assert not list((project.folder / ".github").rglob(".mlops-ci-*"))


def test_what_is_the_users_is_left_alone_and_told(tmp_path: Path) -> None:
    project = repository(tmp_path / "repo")
    place = project.folder / RELEASE
    place.parent.mkdir(parents=True)
    place.write_text("name: mine\n")
    (place.parent / "mlops-ci-drift.yml").symlink_to("../nowhere")
    (project.folder / "requirements-ci.txt").write_text("numpy\n")
    done = project.run("init", "--ci", "github")
    assert place.read_text() == "name: mine\n"
    assert not (project.folder / ".github/nowhere").exists()
    assert f"left alone {RELEASE}: a file of yours has this name" in done.err
    assert "requirements-ci.txt names no mlops-ci yet" in done.err
    assert "not ours" in project.run("ci", "check", "--update").out
    assert place.read_text() == "name: mine\n"


def test_nothing_is_written_where_the_files_cannot_be(tmp_path: Path) -> None:
    project = repository(tmp_path / "repo")
    (project.folder / ".github").write_text("a file")
    done = project.run("init", "--ci", "github", code=64)
    assert "`.github` is a file" in done.err
    assert not (project.folder / "mlops-ci.yaml").exists()
    assert "there is no" not in done.err
    assert "--ci" in project.run("init", "--package", PACKAGE, code=64).err
    assert "github" in project.run("init", "--ci", "gitlab", code=64).err
    assert "cannot be named" in project.run("init", "a${{x}}", "--ci", "codebuild", code=64).err
    assert not (project.folder / "a${{x}}").exists()
    (project.folder / "mlops-ci.yaml").write_text("format: 1\nbrunch: main\n")
    assert "did you mean `branch`" in project.run("init", "--ci", "codebuild", code=65).err
    assert not (project.folder / "buildspecs").exists()


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    project = repository(tmp_path / "repo")
    (project.folder / ".github").mkdir()
    (project.folder / ".github").chmod(0o555)
    without_right = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []
    command = [*without_right, sys.executable, "-m", "mlops_ci", "init", "--ci", "github"]
    done = subprocess.run(command, cwd=project.folder, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 69, done.stderr
    assert f"this machine says no `{project.folder}/.github/workflows`: Permission denied" in done.stderr


def test_a_remote_that_is_not_github_and_a_branch_that_is_not_there_are_told(tmp_path: Path) -> None:
    project = repository(tmp_path / "repo", "master")
    project.git("remote", "add", "origin", "https://ada:secret@gitlab.com/you/it.git")
    (project.folder / "mlops-ci.yaml").write_text("format: 1\n")
    done = project.run("init", "--ci", "github", "--package", PACKAGE)
    assert "`origin` is `gitlab.com`, and nobody but GitHub reads these files" in done.err
    assert "names the branch `main`, which this repository does not have" in done.err
    assert "secret" not in done.out + done.err
