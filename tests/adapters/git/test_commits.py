"""Which commit a name stands for and what came since, in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.adapters.git.commits import GitCommits
from mlops_ci.adapters.git.private import PrivateCommits, PrivateRepository
from mlops_ci.plan.passed import Passed
from tests.adapters.git.test_git_repository import WHO, git, make_project, opened
from tests.contracts.commits import CommitsContract, History


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in WHO.items():
        monkeypatch.setenv(key, value)


class TestGit(CommitsContract):
    @pytest.fixture
    def history(self, tmp_path: Path) -> History:
        project = make_project(tmp_path)
        return opened(project), GitCommits(project, WHO)


class TestGitWhereTheProjectIsAFolder(CommitsContract):
    @pytest.fixture
    def history(self, tmp_path: Path) -> History:
        project = make_project(tmp_path, below="ml/models")
        return opened(project), GitCommits(project, WHO)


class TestPrivate(CommitsContract):
    @pytest.fixture
    def history(self, tmp_path: Path) -> History:
        project = make_project(tmp_path / "work")
        records = FolderRecords(tmp_path / "store")
        return PrivateRepository(opened(project), records), PrivateCommits(GitCommits(project, WHO), records)


def commit(project: Path, name: str, text: str = "x\n") -> str:
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text(text)
    git(project, "add", "-A", ".")
    git(project, "commit", "-q", "-m", f"change {name}")
    return git(project, "rev-parse", "HEAD")


def test_names_of_branches_tags_and_steps_back_stand_for_their_commits(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    first = git(project, "rev-parse", "HEAD")
    git(project, "tag", "-a", "v1", "-m", "one")
    second = commit(project, "b")
    commits = GitCommits(project, WHO)
    assert [commits.find(name) for name in ("v1", "main", "refs/heads/main", "HEAD~1", "HEAD~2")] == [
        first, second, second, first, "",
    ]  # fmt: skip


def test_where_two_branches_left_each_other_is_found(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    fork = git(project, "rev-parse", "HEAD")
    git(project, "checkout", "-q", "-b", "topic")
    topic = commit(project, "b")
    git(project, "checkout", "-q", "main")
    main = commit(project, "c")
    commits = GitCommits(project, WHO)
    assert commits.fork(topic, main) == fork
    assert commits.since(topic, main) is None


def test_a_merge_is_told_as_what_it_brought_to_the_branch(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    base = git(project, "rev-parse", "HEAD")
    git(project, "checkout", "-q", "-b", "topic")
    commit(project, "b")
    commit(project, "pipelines/a/ü b\n.txt")
    git(project, "checkout", "-q", "main")
    git(project, "merge", "-q", "--no-ff", "-m", "Merge topic", "topic")
    merge = git(project, "rev-parse", "HEAD")
    assert GitCommits(project, WHO).since(base, merge) == (
        Passed(merge, "Merge topic", ("b", "pipelines/a/ü b\n.txt")),
    )


def test_an_empty_commit_and_one_outside_of_the_project_are_told_without_paths(tmp_path: Path) -> None:
    project = make_project(tmp_path, below="ml")
    base = git(project, "rev-parse", "HEAD")
    git(project, "commit", "-q", "--allow-empty", "-m", "nothing")
    outside = commit(tmp_path, "README.md")
    passed = GitCommits(project, WHO).since(base, outside)
    assert passed is not None
    assert [(p.subject, p.paths, p.elsewhere) for p in passed] == [
        ("nothing", (), False),
        ("change README.md", (), True),
    ]


def test_a_shallow_clone_says_so_and_lacks_what_came_before(tmp_path: Path) -> None:
    project = make_project(tmp_path / "origin")
    first = git(project, "rev-parse", "HEAD")
    tip = commit(project, "b")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{project}", str(tmp_path / "clone"))
    commits = GitCommits(tmp_path / "clone", WHO)
    assert commits.is_shallow()
    assert commits.find(first) == ""
    assert commits.since(first, tip) is None
