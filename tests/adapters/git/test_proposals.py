"""Branches that wait for people, in real repositories; and what git tells of them once they are merged."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.git.proposals import GitProposals
from mlops_ci.adapters.git.repository import GitRepository
from mlops_ci.errors import ProviderError
from tests.adapters.git.test_git_repository import WHO, clones, git, make_project, opened
from tests.contracts.proposals import NAME, RELEASE, Place, ProposalsContract, change
from tests.executor.small import project_files
from tests.executor.small_proposals import SmallProposals
from tests.executor.small_repository import SmallRepository
from tests.reviews import MemoryReviews

WAYS = ("merge", "squash", "rebase", "merge after an update")


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in WHO.items():
        monkeypatch.setenv(key, value)


def proposing(project: Path) -> Place:
    return Place(GitProposals(project, remote="origin", environment=WHO), opened(project))


class TestWithARemote(ProposalsContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return proposing(clones(tmp_path, 1)[0])


class TestWithoutARemote(ProposalsContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return proposing(make_project(tmp_path))


class TestInASubfolder(ProposalsContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return proposing(make_project(tmp_path, below="ml models/a"))


class TestInMemory(ProposalsContract):
    @pytest.fixture
    def place(self) -> Place:
        repository = SmallRepository(project_files())
        repository.push()
        return Place(SmallProposals(repository, MemoryReviews()), repository)


def test_of_two_projects_in_one_repository_each_has_branches_of_its_own(tmp_path: Path) -> None:
    make_project(tmp_path, below="one/it's")
    (tmp_path / "two").mkdir()
    names = {
        GitProposals(tmp_path / folder, remote="origin", environment=WHO).branch(NAME) for folder in ("one/it's", "two")
    }
    assert names == {"mlops-ci/one/it-s/a/promote", "mlops-ci/two/a/promote"}
    assert all(git(tmp_path, "check-ref-format", f"refs/heads/{name}") == "" for name in names)


def test_two_clones_see_the_same_branch_and_the_same_tag(tmp_path: Path) -> None:
    one, other = (proposing(project) for project in clones(tmp_path, 2))
    commit = one.put()
    found = other.proposals.find(NAME, other.tip)
    assert found is not None
    assert found.commit == commit
    assert other.repository.tree(commit).read(RELEASE) == b"v1\n"
    one.proposals.tag("a/v1", one.tip, "Promote a v1")
    other.proposals.tag("a/v1", commit, "Promote a v1, elsewhere")
    assert git(tmp_path / "origin.git", "rev-parse", "a/v1^{commit}") == one.tip


@pytest.mark.parametrize("how", WAYS)
def test_whatever_way_it_is_merged_git_tells_one_commit_after_which_the_release_is_another(
    tmp_path: Path, how: str
) -> None:
    project, theirs = clones(tmp_path, 2)
    place = proposing(project)
    place.put(b"v1\n")
    (theirs / "pipelines/a/other.yaml").write_text("somebody else's\n")
    git(theirs, "add", "-A")
    git(theirs, "commit", "-q", "-m", "meanwhile")
    branch = f"origin/{place.proposals.branch(NAME)}"
    git(theirs, "fetch", "-q", "origin")
    match how:
        case "merge":
            git(theirs, "merge", "-q", "--no-ff", "-m", "Merge pull request #1", branch)
        case "squash":
            git(theirs, "merge", "-q", "--squash", branch)
            git(theirs, "commit", "-q", "-m", "ship it (#1)")
        case "rebase":
            git(theirs, "cherry-pick", branch)
        case _:
            git(theirs, "checkout", "-q", "-b", "theirs", branch)
            git(theirs, "merge", "-q", "--no-ff", "-m", "Update branch", "main")
            git(theirs, "checkout", "-q", "main")
            git(theirs, "merge", "-q", "--no-ff", "-m", "Merge pull request #1", "theirs")
    git(theirs, "push", "-q", "origin", "main")
    tip = place.tip
    assert isinstance(place.repository, GitRepository)
    (landing,) = place.repository.landed(tip, (RELEASE,))
    assert place.repository.tree(landing.commit).read(RELEASE) == b"v1\n"
    with pytest.raises(FileNotFoundError):
        place.repository.tree(landing.base).read(RELEASE)
    git(project, "merge-base", "--is-ancestor", landing.commit, tip)


def test_a_remote_that_refuses_the_branch_or_the_tag_is_an_error_in_its_own_words(tmp_path: Path) -> None:
    place = proposing(clones(tmp_path, 1)[0])
    hook = tmp_path / "origin.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'only people push here' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(ProviderError, match="only people push here") as caught:
        place.proposals.put(NAME, change(place.tip), "")
    assert "branches `mlops-ci/*`" in caught.value.hint
    with pytest.raises(ProviderError, match="only people push here") as caught:
        place.proposals.tag("a/v1", place.tip, "Promote a v1")
    assert "push tags" in caught.value.hint
    assert git(tmp_path / "origin.git", "for-each-ref", "refs/tags", "refs/heads/mlops-ci") == ""


def test_a_shallow_detached_checkout_can_propose(tmp_path: Path) -> None:
    clones(tmp_path, 1)
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{tmp_path}/origin.git", "shallow")
    git(tmp_path / "shallow", "checkout", "-q", "--detach")
    place = proposing(tmp_path / "shallow")
    commit = place.put()
    found = place.proposals.find(NAME, place.tip)
    assert found is not None
    assert (found.commit, found.fork) == (commit, place.tip)
    assert git(tmp_path / "origin.git", "rev-parse", f"refs/heads/{place.proposals.branch(NAME)}") == commit


def test_the_checkout_is_not_touched(tmp_path: Path) -> None:
    (project,) = clones(tmp_path, 1)
    (project / "pipelines/a/model.yaml").write_text("edited\n")
    before = (git(project, "rev-parse", "HEAD"), git(project, "status", "--porcelain"))
    place = proposing(project)
    place.put()
    assert (git(project, "rev-parse", "HEAD"), git(project, "status", "--porcelain")) == before
