"""Starting: a project in an empty folder, in a repository that is there, and twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.tiny import Tiny, environment

pytestmark = pytest.mark.e2e


def test_init_makes_a_repository_with_a_first_commit_in_which_plan_works(tmp_path: Path) -> None:
    outside = Tiny(tmp_path, environment())
    assert "churn" in outside.run("init", "new", "--example", "nothing", code=64).err
    assert not (tmp_path / "new").exists()
    outside.run("init", "new", "--example", "churn")
    made = Tiny(tmp_path / "new", environment())
    assert made.git("status", "--porcelain") == ""
    assert made.git("rev-list", "--count", "HEAD") == "1"
    made.run("validate")
    assert {action for action, _ in made.changes()} == {"new"}
    assert len(made.changes()) == 4

    (made.folder / "pipelines/churn/model.yaml").write_text("mine\n")
    again = outside.run("init", "new", "--example", "churn")
    assert "left alone pipelines/churn/model.yaml" in again.err
    assert (made.folder / "pipelines/churn/model.yaml").read_text() == "mine\n"
    assert made.git("rev-list", "--count", "HEAD") == "1"


def test_init_in_a_repository_that_is_there_keeps_to_its_branch_and_commits_nothing(tmp_path: Path) -> None:
    project = Tiny(tmp_path, environment())
    project.git("init", "-q", "-b", "trunk")
    (tmp_path / ".gitignore").write_text("*.log")
    project.commit("mine")
    project.run("init", "ml")
    assert project.git("rev-list", "--count", "HEAD") == "1"
    assert "branch: trunk" in (tmp_path / "ml/mlops-ci.yaml").read_text()
    inside = Tiny(tmp_path / "ml", project.environment)
    assert inside.run("plan", "--json").json()["models"] == 0
    inside.run("init", "--example", "churn")
    project.commit("begin")
    assert len(inside.changes()) == 4
    inside.run("train", "churn", "--candidate", "linear")
    assert project.git("status", "--porcelain") == ""
    assert (tmp_path / ".gitignore").read_text() == "*.log"

    (tmp_path / "file").write_text("")
    assert "is a file" in project.run("init", "file", code=64).err
