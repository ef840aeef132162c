"""GitHub fails, limits and refuses the whole verb: nothing is lost or double, and a job that did not comment is red."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.testing.github.faults import Answered, Broken, Deleted, Fault, Limited, Nothing
from mlops_ci.testing.github.state import RIGHTS
from tests.e2e.reviewing import Workflow, workflow
from tests.e2e.tiny import Tiny
from tests.github import GitHubPlace
from tests.views.test_review import OURS, rendered

pytestmark = pytest.mark.e2e


@pytest.fixture
def its(tiny: Tiny, github_place: GitHubPlace, tmp_path: Path) -> Workflow:
    """Return the workflow of a pull request of a project of which nothing is on record."""
    tiny.git("checkout", "-q", "-b", "change")
    tiny.replace("candidates/low.yaml", "cut: 0.2", "cut: 0.3")
    tiny.commit("change")
    return workflow(github_place, tiny, tmp_path / "step")


def move(its: Workflow, cut: float) -> None:
    """Rebase the pull request: another commit in the place of the one there was, pushed with force."""
    low = its.tiny.folder / "pipelines/tiny/candidates/low.yaml"
    low.write_text(low.read_text().replace("cut: 0.3", f"cut: {cut}"))
    its.tiny.git("commit", "-q", "-a", "--amend", "-m", f"rebased, was {its.head}")  # else one of the same second
    its.tiny.git("push", "-q", "--force", str(its.place.repository.path), "HEAD:change")


def told(its: Workflow, out: str) -> bool:
    """Return whether everything that needs no GitHub was said."""
    return "plan: 2 new" in out and "0.2 -> 0.3" in its.summary() and its.outputs()["trainings"] == "2"


def test_faults_that_pass_leave_one_comment_and_one_check(its: Workflow) -> None:
    faults: list[Fault] = [Limited(after=1), Nothing(), Answered(502, times=2), Broken(fits="/comments")]
    its.place.github.faults.inject(*faults, Broken(fits="check-runs"))
    its.run("comment")
    assert not its.place.github.faults.left
    assert "0.2 -> 0.3" in its.comment()
    assert len(its.place.github.checks(its.head, its.place.name)) == 1


def test_a_comment_that_somebody_deletes_meanwhile_is_made_anew_after_a_force_push(its: Workflow) -> None:
    its.run("comment")
    move(its, 0.4)
    its.place.github.faults.inject(Deleted())
    assert "comment created: " in its.run("comment").err
    assert "0.2 -> 0.4" in its.comment()
    move(its, 0.4)
    assert "comment updated: " in its.run("comment").err
    assert f"Commit `{its.head[:12]}`" in its.comment()


def test_a_long_limit_ends_with_75_after_all_was_said(its: Workflow) -> None:
    token = its.place.github.token(its.place.name)
    its.place.github.limits.leave(token, 0, until=time.time() + 1800)
    done = its.run("comment", token=token, code=75)
    assert "come back in 30 minutes" in done.err
    assert told(its, done.out)
    assert its.place.comments(its.number) == []


def test_a_refused_comment_ends_with_69_and_the_check_is_there_all_the_same(its: Workflow) -> None:
    its.place.github.faults.inject(Answered(422, "Validation Failed", fits="POST"))
    done = its.run("comment", code=69)
    assert "Validation Failed" in done.err
    assert told(its, done.out)
    assert [check[1] for check in its.checks()] == ["success"]


@pytest.mark.parametrize(
    ("lacking", "says", "comments", "checks"),
    [
        (("pull_requests", "issues"), "pull-requests: write", 0, 1),
        (("checks", "statuses"), "checks: write", 1, 0),
    ],
)
def test_a_right_that_the_token_lacks_is_named_and_the_rest_is_done(
    its: Workflow, lacking: tuple[str, ...], says: str, comments: int, checks: int
) -> None:
    rights = {right: "read" if right in lacking else "write" for right in RIGHTS}
    done = its.run("comment", token=its.place.github.token(its.place.name, **rights), code=69)
    assert f"add `{says}` to the job's `permissions`" in done.err
    assert told(its, done.out)
    assert (len(its.place.comments(its.number)), len(its.checks())) == (comments, checks)


def test_without_a_token_wrong_manifests_are_annotated_in_the_log_and_it_is_red(its: Workflow) -> None:
    done = its.run("comment", token="", code=69)
    assert "export GITHUB_TOKEN=" in done.err
    assert told(its, done.out)
    its.tiny.replace("model.yaml", "owner: ada", "ownr: ada")
    done = its.run("comment", token="", code=69)
    assert "::error file=pipelines/tiny/model.yaml,line=3," in done.out
    assert "did you mean" in its.summary()


@pytest.mark.soak
def test_without_a_network_it_is_red_after_all_was_said(its: Workflow) -> None:
    gone = {"GITHUB_API_URL": "http://127.0.0.1:1"}  # where nobody listens
    event = its.folder / "event.json"
    event.write_text(its.event("pull_request"))
    variables = {
        **its.place.github.environment(its.place.name), **gone,
        "GITHUB_EVENT_PATH": str(event), "GITHUB_REF": f"refs/pull/{its.number}/merge", "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(its.folder / "summary"), "GITHUB_OUTPUT": str(its.folder / "outputs"),
    }  # fmt: skip
    done = replace(its.tiny, environment={**its.tiny.environment, **variables}).run("comment", code=69)
    assert "does not answer" in done.err
    assert told(its, done.out)


def test_two_commands_at_once_leave_one_comment_and_those_of_another_project_its_own(its: Workflow) -> None:
    other = replace(its, folder=its.folder.with_name("other"))
    other.folder.mkdir()
    threads = [threading.Thread(target=one.run, args=("comment",)) for one in (its, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(its.place.comments(its.number)) == 1
    its.run("comment", "--label", "other")
    bodies = its.place.comments(its.number)
    assert [body.partition("\n")[0] for body in bodies] == ["<!-- mlops-ci:mlops-ci -->", "<!-- mlops-ci:other -->"]
    assert {check[0] for check in its.checks()} == {"mlops-ci", "mlops-ci (other)"}


def test_a_pull_request_that_was_closed_meanwhile_keeps_its_comment(its: Workflow) -> None:
    its.run("comment")
    its.place.close(its.number)
    assert "comment unchanged: " in its.run("comment").err
    assert len(its.place.comments(its.number)) == 1


def test_what_people_write_in_manifests_branches_and_messages_makes_no_markup_and_no_command(its: Workflow) -> None:
    evil = "</details><img src=x> [a](http://e.example) @team #1 `|` ${{ github.token }} $(touch pwned)"
    its.tiny.write("candidates/low.yaml", f"description: '{evil}'\n" + its.tiny.read("candidates/low.yaml"))
    its.tiny.replace("candidates/low.yaml", "{cut: 0.3}", "{cut: 0.3, mode: '::error::" + evil + "'}")
    its.tiny.replace("model.yaml", "whether x is large", f"'{evil}'")
    its.tiny.commit(f"::set-output name=changes::false\n{evil}")
    branch = "x/$(touch${IFS}pwned)`@team`<b>"
    its.tiny.git("push", "-q", str(its.place.repository.path), f"HEAD:{branch}", "HEAD:change")
    event = its.event("pull_request").replace('"ref": "change"', f'"ref": "{branch}"').replace("Change", "<b>@team")
    done = its.run("comment", said=event)
    page, summary = rendered(its.comment()), rendered(its.summary())
    assert "`hyperparameters.mode`" in its.summary()  # it is there, to be read
    for found in (page, summary):
        assert {tag for tag, _ in found.tags} <= OURS
        assert not any("e.example" in value for _, given in found.tags for _, value in given if value)
        assert not [said for said in found.said if "@team" in said or "#1" in said]
    assert not [line for line in done.out.splitlines() if line.lstrip().startswith("::")]
    assert set(its.outputs()) == {"changes", "commit", "models", "matrix", "trainings", "environments"}
    assert not [*its.tiny.folder.rglob("pwned")]
