"""git sees the loopback GitHub as it sees GitHub: clones, pushes, pull requests, merges, protected branches."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.github import GitHubPlace
from tests.testing.github.asking import Said, ask

ALL = {"contents": "write", "pull_requests": "write"}


class Clone:
    """A clone over HTTP with a token."""

    def __init__(self, place: GitHubPlace, folder: Path, token: str) -> None:
        self.folder = folder
        address = f"{place.github.web.replace('//', f'//x:{token}@')}/{place.name}.git"
        subprocess.run(["git", "clone", "-q", address, folder], check=True, capture_output=True)
        for name, value in (("user.name", "Ada"), ("user.email", "ada@example.com")):
            self.git("config", name, value)

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def refused(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.folder, check=False, capture_output=True, text=True)
        assert done.returncode, done.stdout
        return done.stderr

    def commit(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        self.git("add", ".")
        self.git("commit", "-qm", f"Write {name}")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def clone(github_place: GitHubPlace, tmp_path: Path) -> Clone:
    github_place.push("main")
    return Clone(github_place, tmp_path / "clone", github_place.github.token(github_place.name, **ALL))


def sent(place: GitHubPlace, path: str, body: object, method: str = "POST") -> Said:
    url = f"{place.github.url}/repos/{place.name}{path}"
    return ask(url, method, body, place.github.token(place.name, **ALL))


def proposed(place: GitHubPlace, clone: Clone, branch: str = "feature") -> int:
    """Push two commits on a branch, and open a pull request from it."""
    clone.git("checkout", "-qb", branch, "origin/main")
    clone.commit("one.txt", branch)
    clone.commit("two.txt", branch)
    clone.git("push", "-q", "origin", branch)
    said = sent(place, "/pulls", {"title": f"Add {branch}", "head": branch, "base": "main", "body": "why"})
    assert said.status == 201
    return int(said.body["number"])


def test_a_token_pushes_where_it_may_write_contents_and_fetches_where_it_may_read(
    github_place: GitHubPlace, clone: Clone, tmp_path: Path
) -> None:
    commit = clone.commit("a.txt", "a")
    clone.git("push", "-q", "origin", "HEAD:main")
    assert github_place.repository.bare.branch("main") == commit
    reader = Clone(github_place, tmp_path / "reader", github_place.github.token(github_place.name, contents="read"))
    reader.commit("b.txt", "b")
    assert f"Permission to {github_place.name}.git denied" in reader.refused("push", "origin", "HEAD:main")
    github_place.repository.is_private = True
    with pytest.raises(subprocess.CalledProcessError):
        Clone(github_place, tmp_path / "none", github_place.github.token(github_place.name, checks="write"))


def test_a_push_of_several_megabytes_arrives(github_place: GitHubPlace, clone: Clone) -> None:
    text = "".join(f"{number * 7919 % 1_000_003:x}" for number in range(600_000))
    commit = clone.commit("big.txt", text)
    clone.git("-c", "http.postBuffer=100000", "push", "-q", "origin", "HEAD:main")
    assert github_place.repository.bare.branch("main") == commit


@pytest.mark.parametrize(("method", "commits", "parents"), [("merge", 3, 2), ("squash", 1, 1), ("rebase", 2, 1)])
def test_a_pull_request_is_merged_in_each_way(
    github_place: GitHubPlace, clone: Clone, method: str, commits: int, parents: int
) -> None:
    number = proposed(github_place, clone)
    clone.git("checkout", "-q", "origin/main")
    clone.commit("other.txt", "meanwhile")
    clone.git("push", "-q", "origin", "HEAD:main")
    before = clone.git("rev-parse", "HEAD")
    said = sent(github_place, f"/pulls/{number}/merge", {"merge_method": method}, "PUT")
    assert (said.status, said.body["merged"]) == (200, True)
    clone.git("fetch", "-q")
    assert clone.git("rev-parse", "origin/main") == said.body["sha"]
    assert len(clone.git("rev-list", f"{before}..origin/main").split()) == commits
    assert len(clone.git("log", "-1", "--format=%P", "origin/main").split()) == parents
    names = clone.git("ls-tree", "--name-only", "origin/main").split()
    assert {"one.txt", "two.txt", "other.txt"} <= set(names)
    told = sent(github_place, f"/pulls/{number}", None, "GET").body
    assert (told["state"], told["merged"], told["merge_commit_sha"]) == ("closed", True, said.body["sha"])


def test_what_conflicts_is_not_merged_and_has_no_merge_commit_to_check_out(
    github_place: GitHubPlace, clone: Clone
) -> None:
    number = proposed(github_place, clone)
    clone.git("fetch", "-q", "origin", f"refs/pull/{number}/merge")
    clone.git("checkout", "-q", "origin/main")
    clone.commit("one.txt", "another")
    clone.git("push", "-q", "origin", "HEAD:main")
    before = github_place.repository.bare.branch("main")
    for method in ("merge", "squash", "rebase"):
        said = sent(github_place, f"/pulls/{number}/merge", {"merge_method": method}, "PUT")
        assert (said.status, said.body["message"]) == (405, "Pull Request is not mergeable")
    assert github_place.repository.bare.branch("main") == before
    assert sent(github_place, f"/pulls/{number}", None, "GET").body["mergeable"] is False
    clone.refused("fetch", "origin", f"refs/pull/{number}/merge")


def test_a_force_push_moves_the_head_and_a_merge_of_the_old_one_is_refused(
    github_place: GitHubPlace, clone: Clone
) -> None:
    number = proposed(github_place, clone)
    old = clone.git("rev-parse", "HEAD")
    clone.git("commit", "-q", "--amend", "-m", "Again")
    clone.git("push", "-q", "-f", "origin", "feature")
    new = clone.git("rev-parse", "HEAD")
    clone.git("fetch", "-q", "origin", f"refs/pull/{number}/head")
    assert clone.git("rev-parse", "FETCH_HEAD") == new
    assert sent(github_place, f"/pulls/{number}", None, "GET").body["head"]["sha"] == new
    said = sent(github_place, f"/pulls/{number}/merge", {"sha": old}, "PUT")
    assert said.status == 409


def test_a_branch_pushed_into_its_base_is_merged_and_one_that_is_deleted_closed(
    github_place: GitHubPlace, clone: Clone
) -> None:
    first, second = proposed(github_place, clone), proposed(github_place, clone, "other")
    clone.git("push", "-q", "origin", "feature:main")
    clone.git("push", "-q", "origin", "--delete", "other")
    told = [sent(github_place, f"/pulls/{number}", None, "GET").body for number in (first, second)]
    assert [(pull["state"], pull["merged"]) for pull in told] == [("closed", True), ("closed", False)]


def test_a_protected_branch_is_moved_by_a_merge_and_by_no_push(github_place: GitHubPlace, clone: Clone) -> None:
    github_place.github.protect(github_place.name, "main")
    number = proposed(github_place, clone)
    said = clone.refused("push", "origin", "HEAD:main")
    assert "GH006: Protected branch update failed for refs/heads/main." in said
    clone.git("push", "-q", "origin", "HEAD:another")
    assert sent(github_place, f"/pulls/{number}/merge", {}, "PUT").status == 200
    github_place.github.protect(github_place.name)
    clone.git("pull", "-q", "--rebase", "origin", "main")
    clone.commit("free.txt", "x")
    clone.git("push", "-q", "origin", "HEAD:main")


def test_a_fork_is_a_repository_of_its_own_whose_commits_the_base_gets_with_the_pull_request(
    github_place: GitHubPlace, clone: Clone, tmp_path: Path
) -> None:
    github = github_place.github
    person = github.token("*", login="stranger")
    url = f"{github.url}/repos/{github_place.name}"
    fork = ask(f"{url}/forks", "POST", {}, person).body
    assert (fork["fork"], fork["full_name"]) == (True, f"stranger/{github_place.name.partition('/')[2]}")
    theirs = Clone(GitHubPlace(github, fork["full_name"]), tmp_path / "fork", person)
    theirs.git("checkout", "-qb", "patch")
    commit = theirs.commit("theirs.txt", "x")
    theirs.git("push", "-q", "origin", "patch")
    assert ask(f"{url}/commits/{commit}/pulls").status == 422
    pull = ask(f"{url}/pulls", "POST", {"title": "Mine", "head": "stranger:patch", "base": "main"}, person).body
    assert (pull["head"]["repo"]["full_name"], pull["head"]["sha"]) == (fork["full_name"], commit)
    assert ask(f"{url}/commits/{commit}/pulls").body == []
    clone.git("fetch", "-q", "origin", f"refs/pull/{pull['number']}/head")
    assert clone.git("rev-parse", "FETCH_HEAD") == commit
    reader = github.fork_token(github_place.name)
    assert ask(f"{url}/issues/{pull['number']}/comments", "POST", {"body": "x"}, reader).status == 403


def test_a_second_pull_request_of_the_same_branch_and_one_of_nothing_are_refused(
    github_place: GitHubPlace, clone: Clone
) -> None:
    proposed(github_place, clone)
    for head, says in (
        ("feature", "A pull request already exists for octo:feature."),
        ("main", "No commits between main and main"),
        ("nowhere", "'field': 'head'"),
    ):
        said = sent(github_place, "/pulls", {"title": "x", "head": head, "base": "main"})
        assert said.status == 422
        assert says in str(said.body["errors"])
