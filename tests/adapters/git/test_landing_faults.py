"""A landing among locks, branches that went apart, checkouts left halfway: nothing is lost, and each is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.git.repository import GitRepository
from mlops_ci.errors import ManifestError, ProviderError
from mlops_ci.ports.repository import Landed
from tests.adapters.git.test_git_repository import _somebody, clones, git, make_project, opened, promote
from tests.contracts.repository import RELEASE

__all__ = ["_somebody"]


def land(repository: GitRepository, content: bytes = b"v1\n") -> str:
    landed = repository.land(promote(repository.tip(fetch=True), content))
    assert isinstance(landed, Landed)
    return landed.commit


def state(project: Path) -> tuple[str, str]:
    """Return where HEAD is, and what differs from it."""
    return git(project, "rev-parse", "HEAD"), git(project, "status", "--porcelain")


def commit(project: Path, path: str, text: str) -> str:
    (project / path).write_text(text)
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", f"change {path}")
    return git(project, "rev-parse", "HEAD")


@pytest.mark.parametrize("lock", ["HEAD.lock", "index.lock", "refs/heads/main.lock"])
def test_with_a_lock_of_git_in_the_way_it_lands_on_the_remote_and_the_checkout_follows_later(
    tmp_path: Path, lock: str
) -> None:
    (project,) = clones(tmp_path, 1)
    before = state(project)
    (project / ".git" / lock).touch()
    first = land(opened(project))
    assert git(tmp_path / "origin.git", "rev-parse", "main") == first
    assert state(project) == before
    (project / ".git" / lock).unlink()
    second = land(opened(project), b"v2\n")
    assert state(project) == (second, "")


def test_without_a_remote_a_lock_of_git_is_named_with_what_to_type_and_nothing_moves(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    before = state(project)
    (project / ".git/HEAD.lock").touch()
    with pytest.raises(ProviderError) as caught:
        land(opened(project))
    assert f"{project}/.git/HEAD.lock" in caught.value.summary
    assert f"rm -f {project}/.git/HEAD.lock" in caught.value.hint
    (project / ".git/HEAD.lock").unlink()
    assert state(project) == before
    landed = land(opened(project))
    assert state(project) == (landed, "")


def test_a_fetch_in_front_of_a_lock_that_stays_names_it(tmp_path: Path) -> None:
    (project,) = clones(tmp_path, 1)
    other = opened(clones(tmp_path / "more", 1)[0])
    assert other.tip(fetch=True)
    git(project, "update-ref", "-d", "refs/remotes/origin/main")
    lock = project / ".git/refs/remotes/origin/main.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    with pytest.raises(ProviderError) as caught:
        opened(project).tip(fetch=True)
    assert f"rm -f {lock}" in caught.value.hint


@pytest.mark.parametrize("how", ["file", "index"])
def test_a_checkout_that_was_left_halfway_is_no_edit_by_hand_and_is_healed(tmp_path: Path, how: str) -> None:
    one, other = clones(tmp_path, 2)
    land(opened(one))
    second = land(opened(one), b"v2\n")
    # `other` had the first, and was ended while it moved to the second: the file is there, HEAD is not.
    git(other, "pull", "-q")
    git(other, "reset", "-q", "--hard", f"{second}~1")
    (other / RELEASE).write_bytes(b"v2\n")
    if how == "index":
        git(other, "add", RELEASE)
    third = land(opened(other), b"v3\n")
    assert state(other) == (third, "")
    assert git(tmp_path / "origin.git", "rev-parse", "main") == third


def test_a_checkout_follows_releases_that_landed_without_it(tmp_path: Path) -> None:
    one, other = clones(tmp_path, 2)
    land(opened(one))
    second = land(opened(one), b"v2\n")
    repository = opened(other)
    repository.follow(repository.tip(fetch=True))
    assert state(other) == (second, "")
    commit(other, "pipelines/a/model.yaml", "two\n")
    before = state(other)
    land(opened(one), b"v3\n")
    repository.follow(repository.tip(fetch=True))
    assert state(other) == before


def test_what_a_person_wrote_into_it_is_still_refused(tmp_path: Path) -> None:
    (project,) = clones(tmp_path, 1)
    land(opened(project))
    (project / RELEASE).write_bytes(b"mine\n")
    with pytest.raises(ManifestError):
        land(opened(project), b"v2\n")


def test_a_checkout_that_lacks_only_releases_follows_and_one_that_lacks_commits_of_people_does_not(
    tmp_path: Path,
) -> None:
    one, behind, other = clones(tmp_path, 3)
    land(opened(one))
    land(opened(one), b"v2\n")
    third = land(opened(behind), b"v3\n")
    assert state(behind) == (third, "")
    git(other, "pull", "-q")
    commit(other, "pipelines/a/model.yaml", "two\n")
    git(other, "push", "-q", "origin", "main")
    before = state(behind)
    landed = land(opened(behind), b"v4\n")
    assert state(behind) == before
    assert git(tmp_path / "origin.git", "show", f"{landed}:pipelines/a/model.yaml") == "two"


def test_a_diverged_branch_keeps_its_commits_and_the_release_lands_on_the_remote(tmp_path: Path) -> None:
    one, other = clones(tmp_path, 2)
    mine = commit(one, "notes.txt", "not pushed yet\n")
    land(opened(other))
    landed = land(opened(one), b"v2\n")
    assert state(one) == (mine, "")
    assert git(tmp_path / "origin.git", "rev-parse", "main") == landed
    git(one, "pull", "-q", "--rebase", "origin", "main")
    assert (one / RELEASE).read_bytes() == b"v2\n"
    assert (one / "notes.txt").exists()


def test_after_a_forced_push_the_release_lands_on_what_is_there_now(tmp_path: Path) -> None:
    one, other = clones(tmp_path, 2)
    first = git(other, "rev-parse", "HEAD")
    lost = land(opened(one))
    git(other, "push", "-q", "--force", "origin", f"{first}:main")
    git(other, "fetch", "-q")
    rewritten = commit(other, "notes.txt", "another history\n")
    git(other, "push", "-q", "--force", "origin", "main")
    landed = land(opened(one), b"v2\n")
    assert git(tmp_path / "origin.git", "log", "--format=%H", "main").split() == [landed, rewritten, first]
    assert state(one) == (lost, "")


def test_a_branch_that_is_not_checked_out_is_moved_all_the_same(tmp_path: Path) -> None:
    (project,) = clones(tmp_path, 1)
    git(project, "checkout", "-q", "-b", "work")
    landed = land(opened(project))
    assert git(project, "rev-parse", "main") == landed
    assert not (project / RELEASE).exists()


def test_a_protected_branch_is_told_in_the_words_of_the_remote(tmp_path: Path) -> None:
    (project,) = clones(tmp_path, 1)
    hook = tmp_path / "origin.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed.' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = state(project)
    with pytest.raises(ProviderError) as caught:
        land(opened(project))
    assert caught.value.summary == "`origin` refuses the commit on `main`: GH006: Protected branch update failed."
    assert caught.value.hint.startswith("let this account push to `main` on `origin`")
    assert "promotion: {mode: pull_request}" in caught.value.hint
    assert state(project) == before


def test_git_ends_what_it_began_when_our_whole_group_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys, threading, time; from pathlib import Path; from mlops_ci.adapters.git.process import Git;"
        "threading.Timer(0.5, os.killpg, (0, 9)).start();"
        "Git(Path(sys.argv[1]), os.environ).finish('-c', 'alias.slow=!sleep 1; touch done', 'slow')"
    )
    make_project(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=tmp_path, start_new_session=True, check=False
    )
    assert done.returncode == -9
    for _ in range(100):
        if (tmp_path / "done").exists():
            break
        subprocess.run(["sleep", "0.05"], check=True)
    assert (tmp_path / "done").exists()
