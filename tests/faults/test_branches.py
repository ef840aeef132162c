"""The release branch moves, is rewritten, goes apart or is closed while releases land: nothing is lost, all is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.tiny import TRAINED, Tiny, clone
from tests.faults.rounds import check, play, two_clones

pytestmark = pytest.mark.e2e

PROMOTED = "Promote tiny v1: middle"


def hook(tiny: Tiny, text: str) -> Path:
    """Give the remote a hook that may refuse a push; return its file."""
    place = tiny.folder.with_name("origin.git") / "hooks/pre-receive"
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(0o755)
    return place


def landed(tiny: Tiny) -> list[str]:
    """Return the subjects of the commits on the remote's branch, newest first."""
    return tiny.git("--git-dir", str(tiny.folder.with_name("origin.git")), "log", "--format=%s", "main").splitlines()


@pytest.fixture
def trained(tiny: Tiny) -> Tiny:
    """The project without environments, so that a run ends with the promotion."""
    tiny.write("model.yaml", TRAINED)
    tiny.push("it serves nowhere")
    return tiny


def test_two_clones_that_promote_at_once_lose_nothing(tiny: Tiny, tmp_path: Path) -> None:
    clones = two_clones(tiny, tmp_path)
    for number in (1, 2, 3):
        play(clones, number, verbs=("run",))
    check(clones, 3)


def test_a_protected_branch_is_told_in_its_words_and_what_was_trained_is_kept(trained: Tiny) -> None:
    refusing = hook(trained, "echo 'main takes pull requests only' >&2; exit 1")
    before = trained.git("rev-parse", "HEAD")
    done = trained.run("run", code=69)
    assert "`origin` refuses the commit on `main`: main takes pull requests only" in done.err
    assert "hint: let this account push to `main` on `origin`, or have moves put before people instead" in done.err
    assert (trained.git("rev-parse", "HEAD"), trained.git("status", "--porcelain")) == (before, "")
    assert trained.git("tag") == ""
    refusing.unlink()
    trained.run("run")
    assert trained.attempts() == 2
    assert landed(trained)[0] == PROMOTED


@pytest.mark.soak
def test_a_push_that_is_rejected_once_lands_when_the_command_is_typed_again(trained: Tiny) -> None:
    hook(trained, 'test -e once && exit 0; touch once; echo "come back later" >&2; exit 1')
    assert "come back later" in trained.run("run", code=69).err
    trained.run("run")
    assert landed(trained).count(PROMOTED) == 1
    assert trained.attempts() == 2


@pytest.mark.soak
def test_a_branch_that_moves_with_every_push_is_given_up_and_told_as_such(trained: Tiny, tmp_path: Path) -> None:
    other = clone(trained, tmp_path / "other")
    hook(
        trained,
        'read old new ref; test "$ref" = refs/heads/main || exit 0; test -n "$MOVING" && exit 0\n'
        "unset $(git rev-parse --local-env-vars) GIT_QUARANTINE_PATH; MOVING=1; export MOVING\n"
        f"cd {other.folder} && git pull -q --rebase && git commit -q --allow-empty -m faster &&"
        " git push -q origin main",
    )  # fmt: skip
    done = trained.run("run", code=75)
    assert "somebody else was faster 8 times" in done.err
    assert "hint: mlops-ci promote tiny" in done.err
    assert PROMOTED not in landed(trained)
    (trained.folder.with_name("origin.git") / "hooks/pre-receive").unlink()
    trained.run("run")
    assert landed(trained)[0] == PROMOTED
    assert trained.attempts() == 2


def test_after_a_forced_push_the_tag_that_is_left_is_named_and_the_release_is_made_anew(trained: Tiny) -> None:
    trained.run("run")
    trained.git("push", "-q", "--force", "origin", "HEAD~1:main")
    done = trained.run("run", code=69)
    assert "the tag `tiny/v1` is there already on `origin`" in done.err
    assert "git push origin --delete refs/tags/tiny/v1" in done.err
    trained.git("push", "-q", "origin", "--delete", "refs/tags/tiny/v1")
    done = trained.run("run")
    assert landed(trained)[0] == PROMOTED
    assert trained.attempts() == 2
    assert "warning[not-followed]: `main` here is not where it is on `origin`" in done.err
    assert done.err.splitlines()[-1] == "hint: git pull --rebase origin main"


def test_a_local_branch_that_went_apart_keeps_its_commits_and_is_told(trained: Tiny, tmp_path: Path) -> None:
    other = clone(trained, tmp_path / "other")
    (other.folder / "theirs.txt").write_text("theirs\n")
    other.push("theirs")
    (trained.folder / "mine.txt").write_text("mine\n")
    trained.commit("mine")
    done = trained.run("run")
    assert landed(trained)[:2] == [PROMOTED, "theirs"]
    assert "hint: git pull --rebase origin main" in done.err
    trained.git("pull", "-q", "--rebase", "origin", "main")
    assert trained.git("log", "-3", "--format=%s").splitlines() == ["mine", PROMOTED, "theirs"]
    assert trained.changes() == []
