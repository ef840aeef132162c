"""The whole loop as a user drives it: real processes, real HTTP, a real remote."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.tiny import CANDIDATE, Tiny, clone

pytestmark = pytest.mark.e2e


def test_the_first_run_trains_promotes_deploys_and_the_second_does_nothing(tiny: Tiny) -> None:
    assert tiny.changes() == [("new", "low"), ("new", "middle")]
    assert tiny.run("plan", "--detailed-exitcode", code=2).out
    tiny.run("run")
    board = tiny.run("leaderboard", "--json").json()["models"][0]
    assert board["champion"] == "middle"
    assert {e["candidate"] for e in board["entries"]} == {"low", "middle"}
    assert all(0 < e["metrics"]["accuracy"]["value"] <= 1 and e["attempts"] == 1 for e in board["entries"])
    for name in ("staging", "production"):
        status, body, version = tiny.ask(name)
        assert (status, body, version) == (200, "[1.0]", "tiny/v1")
    before = tiny.git("rev-parse", "HEAD")
    assert tiny.git("rev-parse", "tiny/v1^{commit}") != ""
    assert tiny.git("rev-parse", "origin/main") == before
    assert tiny.changes() == []
    tiny.run("plan", "--detailed-exitcode")
    tiny.run("run")
    assert tiny.git("rev-parse", "HEAD") == before
    assert tiny.attempts() == 2


def test_a_changed_hyperparameter_retrains_one_candidate(tiny: Tiny) -> None:
    tiny.run("run")
    tiny.replace("candidates/low.yaml", "0.2", "0.5")
    tiny.push("raise the cut")
    assert tiny.changes() == [("retrain", "low")]
    tiny.run("run")
    assert tiny.attempts() == 3
    assert tiny.champion()["version"] == 2
    assert tiny.champion()["candidate"] == "low"
    assert tiny.ask("production")[2] == "tiny/v2"


def test_changed_serving_code_is_evaluated_and_released_without_training(tiny: Tiny) -> None:
    tiny.run("run")
    tiny.replace("src/serve/inference.py", "value > cut", "value >= cut")
    tiny.push("greater or equal")
    assert {action for action, _ in tiny.changes()} == {"re-evaluate"}
    tiny.run("run")
    assert tiny.attempts() == 2
    assert tiny.ask("production")[2] == "tiny/v2"
    assert tiny.changes() == []


def test_changing_owner_or_instance_is_metadata_and_no_work(tiny: Tiny) -> None:
    tiny.run("run")
    tiny.replace("model.yaml", "owner: ada", "owner: grace")
    tiny.push("another owner")
    assert [action for action, _ in tiny.changes()] == ["metadata"]
    tiny.run("plan", "--detailed-exitcode")
    tiny.run("run")
    assert tiny.changes() == []
    assert tiny.attempts() == 2


def test_a_comment_causes_nothing(tiny: Tiny) -> None:
    tiny.run("run")
    tiny.replace("model.yaml", "owner: ada", "owner: ada  # of the analytical engine")
    tiny.push("a comment")
    assert tiny.changes() == []


def test_a_better_candidate_on_a_branch_waits_for_the_merge(tiny: Tiny) -> None:
    tiny.run("run")
    tiny.git("checkout", "-q", "-b", "better")
    tiny.write("candidates/best.yaml", CANDIDATE.format(cut=0.5))
    tiny.commit("a better cut")
    done = tiny.run("run")
    assert tiny.champion()["candidate"] == "middle"
    assert tiny.ask("production")[2] == "tiny/v1"
    assert "after merge" in (done.out + done.err + tiny.run("plan").out)
    tiny.git("checkout", "-q", "main")
    tiny.git("merge", "-q", "--no-edit", "better")
    tiny.git("push", "-q", "origin", "main")
    tiny.run("run")
    assert tiny.attempts() == 3
    assert tiny.champion()["candidate"] == "best"
    assert tiny.ask("production")[2] == "tiny/v2"


def test_a_failed_staging_test_leaves_production_untouched(tiny: Tiny) -> None:
    tiny.run("run")
    tiny.replace("candidates/low.yaml", "0.2", "0.5")
    tiny.write("tests/test_never.py", "def test_never(endpoint):\n    assert endpoint.version == 'tiny/v1'\n")
    tiny.push("a test that the next version fails")
    done = tiny.run("run", code=1)
    assert "test_never" in done.out + done.err
    assert tiny.ask("staging")[2] == "tiny/v2"
    assert tiny.ask("production")[2] == "tiny/v1"
    assert "pytest" in tiny.run("gate", "production", code=1).out
    assert tiny.run("deploy", "production", code=1)
    assert tiny.ask("production")[2] == "tiny/v1"


def test_rollback_holds_until_release(tiny: Tiny) -> None:
    tiny.run("run")
    tiny.replace("candidates/low.yaml", "0.2", "0.5")
    tiny.push("raise the cut")
    tiny.run("run")
    assert "MODEL" in tiny.run("rollback", "production", code=64).err
    tiny.run("rollback", "production", "tiny", "--why", "complaints")
    assert tiny.ask("production")[2] == "tiny/v1"
    assert tiny.environment_of("production")["held"]
    tiny.run("run")
    assert tiny.ask("production")[2] == "tiny/v1"
    assert tiny.ask("staging")[2] == "tiny/v2"
    tiny.run("release", "production", "tiny")
    tiny.run("run")
    assert tiny.ask("production")[2] == "tiny/v2"


def test_a_fresh_clone_with_the_store_rebuilds_everything(tiny: Tiny, tmp_path: Path) -> None:
    tiny.run("run")
    other = clone(tiny, tmp_path / "other")
    shutil.copytree(tiny.folder / ".mlops-ci/store", other.folder / ".mlops-ci/store")
    try:
        assert {action for action, _ in other.changes()} == {"redeploy"}
        other.run("run")
        assert other.attempts() == 2
        assert other.ask("production")[:2] == (200, "[1.0]")
        assert other.changes() == []
    finally:
        other.end()


def test_production_waits_for_approval(tiny: Tiny) -> None:
    tiny.replace("model.yaml", "{promotes_from: staging}", "{promotes_from: staging, approval: true}")
    tiny.push("ask somebody")
    tiny.run("run", code=75)
    assert tiny.environment_of("production")["state"] == "NotDeployed"
    assert "approve" in tiny.run("gate", "production", code=75).out
    tiny.run("approve", "production", "--why", "looks good")
    tiny.run("run")
    assert tiny.ask("production")[2] == "tiny/v1"


def test_a_private_target_commits_nothing(tiny: Tiny) -> None:
    before = tiny.git("rev-parse", "HEAD")
    tiny.run("--target", "mine", "run")
    try:
        assert tiny.git("rev-parse", "HEAD") == before
        assert tiny.git("status", "--porcelain") == ""
        found = tiny.run("--target", "mine", "status", "--json").json()["models"][0]
        assert found["champion"]["version"] == 1
        assert found["environments"]["production"]["state"] == "InService"
        assert tiny.champion() is None
    finally:
        tiny.run("--target", "mine", "destroy", "staging", "--all", "--yes")
        tiny.run("--target", "mine", "destroy", "production", "--all", "--yes")
