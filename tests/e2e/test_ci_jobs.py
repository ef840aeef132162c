"""Every verb in a clone of its own, killed in the middle and typed again in the next clone: one loop, nothing twice."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ci import Machine, machine, promotions

pytestmark = pytest.mark.e2e

CHAIN = (
    (("train",), "~finished", "before"),
    (("evaluate",), "~finished", "before"),
    (("promote",), "promotions~", "before"),
    (("deploy", "staging"), "runtime.launch", "after"),
    (("test", "staging"), "tests~", "before"),
    (("gate", "production"), "gates~", "before"),
    (("approve", "production", "--waiting", "tiny@v1"), "approvals~", "before"),
    (("deploy", "production", "--waiting", "tiny@v1"), "git push", "after"),
)
"""The jobs of a release, each with the boundary at which it is killed: in the middle of what it is there for."""


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Machine]:
    found = machine(tmp_path)
    yield found
    found.end()


def ended_well(runner: Machine) -> None:
    """Hold the machine to what one release must leave, whatever happened on the way."""
    found = runner.status()
    assert (found["champion"]["version"], found["champion"]["candidate"]) == (1, "middle")
    for name, place in found["environments"].items():
        assert (place["version"], place["state"], place["drift"]) == (1, "InService", None), name
        with urllib.request.urlopen(f"{place['url']}/ping", timeout=10) as answer:
            assert answer.status == 200
    assert runner.origin("log", "--format=%s", "main").splitlines() == [
        "Deploy tiny v1 to production",
        "Deploy tiny v1 to staging",
        "Promote tiny v1: middle",
        "a store that stays",
        "first",
    ]
    assert runner.origin("tag") == "tiny/v1"
    assert sorted(runner.marks()) == ["0.2", "0.45"]
    assert runner.job("plan", "--json").json()["changes"] == []
    happened = runner.job("history", "--json").json()["models"][0]["happenings"]
    kinds = [(h["kind"], h["environment"]) for h in happened]
    assert len([kind for kind in kinds if kind[0] in {"promotion", "deployment", "approval"}]) == 4, kinds


def test_each_verb_that_is_killed_in_one_clone_is_taken_up_by_the_same_verb_in_the_next(runner: Machine) -> None:
    commit = runner.tip()
    for words, at, when in CHAIN:
        runner.killed(*words, at=at, when=when, commit=commit)
        if words[0] == "gate":
            outputs, summary = runner.outputs(*words, "--format", "github", commit=commit)
            assert outputs == {"open": "false", "waiting": "tiny@v1", "waits": "true"}
            assert "| `tiny` | v1 | waits for a person |" in summary
        else:
            runner.job(*words, commit=commit)
    for words, _, _ in (CHAIN[2], CHAIN[3], CHAIN[6], CHAIN[7]):  # once more: nothing is left to do
        runner.job(*words, commit=commit)
    ended_well(runner)
    assert runner.outputs("status", "--format", "github", "--detailed-exitcode")[0] == {"drift": "false"}
    done = runner.job("test", "staging", code=69, MLOPS_CI_STATE="")  # where each checkout has endpoints of its own
    assert "there is no endpoint of it here" in done.out
    state = next((runner.base / "state").glob("*/endpoints/production/tiny"))
    state.rename(state.with_name(".aside"))  # its supervisor ends when nobody can find it any more
    outputs, summary = runner.outputs("status", "--format", "github", "--detailed-exitcode", code=2)
    assert outputs == {"drift": "true"}
    assert "v1 is released, and nothing answers" in summary


@pytest.mark.soak
@pytest.mark.parametrize("number", range(len(CHAIN)))
def test_killed_at_every_boundary_of_a_verb_the_next_clone_reaches_the_same_end(tmp_path: Path, number: int) -> None:
    last, at = 1, 0
    while at <= last:  # the first round kills nobody, and counts
        runner = machine(tmp_path / f"{at}")
        try:
            commit = runner.tip()
            for place, (words, _, _) in enumerate(CHAIN):
                if place == number:
                    came = runner.killed(*words, at=str(at), commit=commit)
                    last = len(came) if at == 0 else last
                runner.job(*words, commit=commit, code=75 if words[0] == "gate" else 0)
            ended_well(runner)
        finally:
            runner.end()
        at += 1


def test_a_push_that_is_refused_loses_nothing_and_the_next_clone_lands_it(runner: Machine) -> None:
    commit = runner.tip()
    runner.job("train", commit=commit)
    runner.job("evaluate", commit=commit)
    refusing = runner.base / "p/origin.git/hooks/pre-receive"
    refusing.write_text("#!/bin/sh\necho 'come back later' >&2; exit 1\n")
    refusing.chmod(0o755)
    done = runner.job("promote", commit=commit, code=69)
    assert "refuses the commit on `main`: come back later" in done.out + done.err
    assert promotions(runner) == []
    refusing.unlink()
    runner.job("promote", commit=commit)
    assert promotions(runner) == ["Promote tiny v1: middle"]
    assert sorted(runner.marks()) == ["0.2", "0.45"]


def test_a_job_of_a_commit_that_was_forced_away_says_so_and_changes_nothing(runner: Machine) -> None:
    first = runner.tip()
    runner.candidate("middle", 0.46)
    away = runner.merge("another middle")
    with runner.checkout(away) as here:
        runner.tiny.git("push", "-q", "--force", "origin", f"{first}:main")
        before = runner.tip()
        done = here.run("promote")
        assert "after merge" in done.out
        assert "candidates/middle.yaml` is not on `main` as it is here" in done.out
        done = here.run("deploy", "staging", code=64)
        assert "is not on `main` as it is here" in done.err
    assert runner.tip() == before == first


def test_a_pull_request_that_was_rebased_trains_nothing_again(runner: Machine) -> None:
    runner.tiny.git("checkout", "-q", "-b", "better")
    runner.candidate("middle", 0.47)
    runner.tiny.commit("better")
    runner.tiny.git("push", "-q", "origin", "better")
    runner.job("train", "--pull-request", "7", commit="origin/better")
    began = runner.marks()
    runner.tiny.git("checkout", "-q", "main")
    (runner.tiny.folder / "read.me").write_text("hello\n")
    runner.merge("something else")
    runner.tiny.git("checkout", "-q", "better")
    runner.tiny.git("rebase", "-q", "main")
    runner.tiny.git("push", "-q", "--force", "origin", "better")
    runner.job("train", "--pull-request", "7", commit="origin/better")
    assert runner.marks() == began
    assert "0.47" in began
