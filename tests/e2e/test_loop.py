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


def test_a_changed_hyperparameter_retrains_one_candidate(released: Tiny) -> None:
    released.replace("candidates/low.yaml", "0.2", "0.5")
    released.push("raise the cut")
    assert released.changes() == [("retrain", "low")]
    released.run("run")
    assert released.attempts() == 3
    assert released.champion()["version"] == 2
    assert released.champion()["candidate"] == "low"
    assert released.ask("production")[2] == "tiny/v2"


def test_changed_serving_code_is_evaluated_and_released_without_training(released: Tiny) -> None:
    released.replace("src/serve/inference.py", "value > cut", "value >= cut")
    released.push("greater or equal")
    assert {action for action, _ in released.changes()} == {"re-evaluate"}
    released.run("run")
    assert released.attempts() == 2
    assert released.ask("production")[2] == "tiny/v2"
    assert released.changes() == []


def test_changing_owner_or_instance_is_metadata_and_no_work(released: Tiny) -> None:
    released.replace("model.yaml", "owner: ada", "owner: grace")
    released.push("another owner")
    assert [action for action, _ in released.changes()] == ["metadata"]
    released.run("plan", "--detailed-exitcode")
    released.run("run")
    assert released.changes() == []
    assert released.attempts() == 2


def test_a_comment_causes_nothing(released: Tiny) -> None:
    released.replace("model.yaml", "owner: ada", "owner: ada  # of the analytical engine")
    released.push("a comment")
    assert released.changes() == []


def test_a_better_candidate_on_a_branch_waits_for_the_merge(released: Tiny) -> None:
    released.git("checkout", "-q", "-b", "better")
    released.write("candidates/best.yaml", CANDIDATE.format(cut=0.5))
    released.commit("a better cut")
    done = released.run("run")
    assert released.champion()["candidate"] == "middle"
    assert released.ask("production")[2] == "tiny/v1"
    assert "after merge" in (done.out + done.err + released.run("plan").out)
    released.git("checkout", "-q", "main")
    released.git("merge", "-q", "--no-edit", "better")
    released.git("push", "-q", "origin", "main")
    released.run("run")
    assert released.attempts() == 3
    assert released.champion()["candidate"] == "best"
    assert released.ask("production")[2] == "tiny/v2"


def test_a_failed_staging_test_leaves_production_untouched(released: Tiny) -> None:
    released.replace("candidates/low.yaml", "0.2", "0.5")
    released.write("tests/test_never.py", "def test_never(endpoint):\n    assert endpoint.version == 'tiny/v1'\n")
    released.push("a test that the next version fails")
    done = released.run("run", code=1)
    assert "test_never" in done.out + done.err
    assert released.ask("staging")[2] == "tiny/v2"
    assert released.ask("production")[2] == "tiny/v1"
    assert "pytest" in released.run("gate", "production", code=1).out
    assert released.run("deploy", "production", code=1)
    assert released.ask("production")[2] == "tiny/v1"


def test_rollback_holds_until_release(released: Tiny) -> None:
    released.replace("candidates/low.yaml", "0.2", "0.5")
    released.push("raise the cut")
    released.run("run")
    assert "MODEL" in released.run("rollback", "production", code=64).err
    released.run("rollback", "production", "tiny", "--why", "complaints")
    assert released.ask("production")[2] == "tiny/v1"
    assert released.environment_of("production")["held"]
    released.run("run")
    assert released.ask("production")[2] == "tiny/v1"
    assert released.ask("staging")[2] == "tiny/v2"
    released.run("release", "production", "tiny")
    released.run("run")
    assert released.ask("production")[2] == "tiny/v2"


def test_a_fresh_clone_with_the_store_rebuilds_everything(released: Tiny, tmp_path: Path) -> None:
    other = clone(released, tmp_path / "other")
    shutil.copytree(released.folder / ".mlops-ci/store", other.folder / ".mlops-ci/store")
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
