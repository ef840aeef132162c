"""The loop in GitHub Actions, run by `act`: from a pull request to an endpoint that answers with what it adds."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from tests.e2e.tiny import CANDIDATE
from tests.workflows.acting import NAME, Hub

pytestmark = pytest.mark.e2e

BRIEF = """\
tests:
  latency: {max_ms: 5000, requests: 120, concurrency: 2}
environments:
  staging: {}
  production: {promotes_from: staging, approval: true}
"""
CURIOUS = "import os\nprint(sorted(os.environ.items()))\n"


def holding(folder: Path, texts: tuple[str, ...]) -> list[str]:
    """Return the files below a folder that hold one of these texts, packed or not."""
    named = []
    for base, _, names in os.walk(folder):
        for name in names:
            content = Path(base, name).read_bytes()
            if content[:2] == b"\x1f\x8b":
                content += gzip.decompress(content)
            if any(text.encode() in content for text in texts):
                named.append(str(Path(base, name).relative_to(folder)))
    return named


def adding_a_candidate(models: Hub) -> None:
    """Have one candidate on the branch `main`, and another one on the branch `better`."""
    tiny = models.tiny
    tiny.write("model.yaml", tiny.read("model.yaml").partition("tests:")[0] + BRIEF)
    tiny.write("src/train/fit.py", CURIOUS + tiny.read("src/train/fit.py"))
    (tiny.folder / "pipelines/tiny/candidates/middle.yaml").unlink()
    tiny.push("one candidate")
    tiny.git("checkout", "-q", "-b", "better")
    tiny.write("candidates/middle.yaml", CANDIDATE.format(cut=0.45))
    tiny.commit("add a better one")
    tiny.git("push", "-q", "origin", "better")


def test_one_commit_that_adds_a_candidate_ends_in_a_production_endpoint_that_answers_with_it(models: Hub) -> None:
    adding_a_candidate(models)
    pull = models.open("better", "Add a better one")
    reviewed = models.review(pull)
    assert reviewed.jobs == {"review": "success"}, reviewed.log
    (comment,) = models.github.comments(pull.number, NAME)
    assert "middle" in comment
    assert [(run["name"], run["conclusion"]) for run in models.github.checks(pull.head, NAME)] == [
        ("mlops-ci", "success")
    ]

    tiny = models.tiny
    tiny.git("checkout", "-q", "main")
    tiny.git("merge", "-q", "--no-ff", "-m", "Merge it", "better")
    tiny.git("push", "-q", "origin", "main")
    models.github.approve(NAME, "2", "grace", "production")
    released = models.push(run="2")
    assert released.code == 0, released.log
    assert set(released.jobs.items()) == {
        (name, "success") for name in (
            "plan", "train", "evaluate", "promote", "deploy-staging", "test-staging", "gate", "production",
        )
    }  # fmt: skip
    tiny.git("pull", "-q", "origin", "main")
    assert tiny.champion()["candidate"] == "middle"
    assert tiny.ask("production") == (200, "[1.0]", "tiny/v1")
    assert "grace" in tiny.run("history").out

    again = models.push(run="3")
    assert again.jobs == {"plan": "success"}, again.log  # the loop ends because the plan is empty
    assert models.github.traffic.refused == []
    tokens = tuple(models.tokens.values())
    assert not any(token in log for log in (reviewed.log, released.log, again.log, comment) for token in tokens)
    assert [holding(models.folder / name, tokens) for name in ("store", "state")] == [[], []]


@pytest.mark.soak
def test_a_labelled_pull_request_is_trained_and_what_was_released_is_rolled_back_by_hand(models: Hub) -> None:
    adding_a_candidate(models)
    tiny = models.tiny
    tiny.git("checkout", "-q", "main")
    models.github.approve(NAME, "1", "grace", "production")
    first = models.push()
    assert first.code == 0, first.log
    tiny.git("checkout", "-q", "better")
    tiny.git("rebase", "-q", "origin/main")
    pull = models.open("better", "Add a better one", labels=("train",))
    reviewed = models.review(pull, given={"train": "label"}, run="2")
    assert reviewed.jobs == dict.fromkeys(("review", "train", "evaluate", "results"), "success"), reviewed.log
    (comment,) = models.github.comments(pull.number, NAME)
    assert "0.9600" in comment

    tiny.git("checkout", "-q", "main")
    tiny.git("pull", "-q", "origin", "main")
    tiny.git("merge", "-q", "--no-ff", "-m", "Merge it", "better")
    tiny.git("push", "-q", "origin", "main")
    models.github.approve(NAME, "3", "grace", "production")
    assert models.push(run="3").code == 0
    assert tiny.ask("production")[2] == "tiny/v2"
    night = models.night(run="4")
    assert night.jobs == {"status": "success"}, night.log

    why = 'it\'s "slow"; $(touch pwned) `touch pwned` ${{ github.token }} --all'
    back = models.operate("rollback", "production", why=why, run="5")
    assert back.jobs == {"operate": "success"}, back.log
    tiny.git("pull", "-q", "origin", "main")
    assert tiny.ask("production")[2] == "tiny/v1"
    assert why in tiny.environment_of("production")["held"]["why"]
    assert models.operate("release", "production", run="6").jobs == {"operate": "success"}
    assert models.operate("redeploy", "production", run="7").jobs == {"operate": "success"}
    tiny.git("pull", "-q", "origin", "main")
    tiny.run("destroy", "staging", "tiny", "--yes")
    tiny.git("pull", "-q", "origin", "main")
    tiny.git("revert", "--no-edit", "HEAD")
    tiny.git("push", "-q", "origin", "main")
    night = models.night(run="8")
    assert night.jobs == {"status": "failure"}, night.log  # git names what serves no more
    assert "exit status 2" in night.log
    assert list(models.folder.rglob("pwned")) == []


@pytest.mark.soak
def test_without_a_store_that_others_see_one_job_does_it_all(models: Hub) -> None:
    tiny = models.tiny
    tiny.write("model.yaml", tiny.read("model.yaml").partition("tests:")[0] + BRIEF.replace(", approval: true", ""))
    tiny.push("no approval")
    done = models.push(given={"single": True})
    assert done.jobs == {"run": "success"}, done.log
    tiny.git("pull", "-q", "origin", "main")
    assert tiny.ask("production") == (200, "[1.0]", "tiny/v1")


def test_a_job_whose_token_may_too_little_is_refused_and_says_which_right_it_lacks(models: Hub) -> None:
    adding_a_candidate(models)
    pull = models.open("better", "Add a better one")
    reading = models.github.token(NAME, contents="read", checks="write", pull_requests="read")
    (models.folder / "tokens/models-pull-request.review").write_text(reading)
    reviewed = models.review(pull)
    assert reviewed.jobs == {"review": "failure"}, reviewed.log
    assert models.github.comments(pull.number, NAME) == []
    assert "pull-requests: write" in reviewed.log
    assert reading not in reviewed.log
