"""The comment on a pull request: in place, with a check, from a fork, and where the manifests are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlops_ci.testing.github.state import RIGHTS
from tests.e2e.reviewing import Workflow, workflow
from tests.e2e.tiny import TRAINED, Tiny
from tests.github import GitHubPlace

pytestmark = pytest.mark.e2e


def changing(tiny: Tiny) -> None:
    tiny.git("checkout", "-q", "-b", "change")
    tiny.replace("candidates/low.yaml", "cut: 0.2", "cut: 0.3")
    tiny.commit("change")


@pytest.fixture
def its(tiny: Tiny, github_place: GitHubPlace, tmp_path: Path) -> Workflow:
    """Return the workflow of a pull request of a project of which nothing is on record."""
    changing(tiny)
    return workflow(github_place, tiny, tmp_path / "step")


def again(its: Workflow, cut: str) -> None:
    """Push another commit on the pull request."""
    text = its.tiny.read("candidates/low.yaml")
    its.tiny.write("candidates/low.yaml", "".join(f"hyperparameters: {{cut: {cut}}}\n" if "cut" in line else line + "\n"
                                                  for line in text.splitlines()))  # fmt: skip
    its.tiny.commit("again")
    its.tiny.git("push", "-q", "--force", str(its.place.repository.path), "HEAD:change")


def test_a_pull_request_has_one_comment_and_one_check_which_follow_it(its: Workflow) -> None:
    first = its.run("comment", "--train", "label")
    body = its.comment()
    assert "comment created: " in first.err
    assert body.startswith("<!-- mlops-ci:mlops-ci -->\n### mlops-ci\n\n**2 new in 1 model")
    assert "`hyperparameters.cut`: 0.2 -> 0.3" in body
    assert "nothing is trained before the pull request has the label `train`" in body
    assert f"Commit `{its.head[:12]}`" in body
    assert its.checks() == [("mlops-ci", "success", "2 new in 1 model; the expected time is unknown", 0)]
    assert its.outputs() == {
        "changes": "true",
        "commit": its.head,
        "models": '["tiny"]',
        "matrix": '{"include": [{"name": "tiny/low", "candidates": "tiny/low"}, '
        '{"name": "tiny/middle", "candidates": "tiny/middle"}]}',
        "trainings": "2",
        "environments": "[]",
    }
    assert "`hyperparameters.cut`: 0.2 -> 0.3" in its.summary()
    assert "plan: 2 new" in first.out

    its.place.github.traffic.reset()
    assert "comment unchanged: " in its.run("comment", "--train", "label").err
    assert its.place.github.traffic.count() <= 5

    again(its, "0.4")
    assert "comment updated: " in its.run("comment", "--train", "always").err
    assert "0.2 -> 0.4" in its.comment()
    assert "what it trains is kept under `pr/1/`" in its.comment().replace(f"pr/{its.number}/", "pr/1/")
    assert len(its.checks()) == 1


def test_what_was_recorded_for_the_change_is_in_the_comment_with_who_would_win(
    tiny: Tiny, github_place: GitHubPlace, tmp_path: Path
) -> None:
    tiny.write("model.yaml", TRAINED)
    changing(tiny)
    its = workflow(github_place, tiny, tmp_path / "step")
    its.run("train", "--candidate", "tiny/low,tiny/middle,tiny/old,away/low")
    trained = its.run("evaluate")
    assert "skipped" not in trained.err
    its.run("comment", "--train", "always")
    body = its.comment()
    assert "**nothing to do for 1 model" in body
    assert "contest: `middle` wins with `accuracy` 0.96; next is `low`" in body
    assert its.outputs()["changes"] == "false"
    assert its.outputs()["matrix"] == '{"include": []}'


def test_a_candidate_that_is_gone_is_told_and_skipped_and_an_unknown_name_is_refused(tiny: Tiny) -> None:
    done = tiny.run("train", "--candidate", "tiny/middle,tiny/old", "--candidate", "away/low")
    assert "skipped: `away/low` is not there any more" in done.err
    assert "skipped: `tiny/old` is not there any more" in done.err
    assert tiny.attempts() == 1
    assert tiny.run("train", "--candidate", "away/low,gone/x").err.count("skipped: ") == 2
    assert "there is no candidate `old`" in tiny.run("train", "--candidate", "tiny/middle,old", code=64).err
    assert tiny.attempts() == 1


def test_wrong_manifests_are_commented_too_and_the_verb_fails(its: Workflow) -> None:
    its.tiny.replace("model.yaml", "owner: ada", "ownr: ada")
    done = its.run("comment", code=65)
    assert "did you mean `owner`?" in done.err
    assert "| `pipelines/tiny/model.yaml:3:1` | error |" in its.comment()
    (check,) = its.checks()
    assert check[1:3] == ("failure", "1 error in 1 file: nothing can be planned before they are mended")
    (annotation,) = its.annotations()
    assert (annotation["path"], annotation["start_line"]) == ("pipelines/tiny/model.yaml", 3)
    assert its.outputs()["changes"] == "false"


def test_a_run_that_is_overtaken_leaves_the_comment_to_the_newer_one(its: Workflow) -> None:
    event = its.event("pull_request")
    again(its, "0.4")
    its.run("comment")
    newer = its.comment()
    its.tiny.git("checkout", "-q", "HEAD~1")
    assert "the pull request moved on to " in its.run("comment", said=event).err
    assert its.comment() == newer
    assert "0.2 -> 0.4" in newer


def test_a_fork_is_commented_by_who_has_the_right_from_a_file_that_is_data(
    tiny: Tiny, github_place: GitHubPlace, tmp_path: Path
) -> None:
    changing(tiny)
    its = workflow(github_place, tiny, tmp_path / "step", is_fork=True)
    other = github_place.open("other").number
    file = its.folder / "review.json"
    its.run("comment", "--train", "never", "-o", str(file), token="")
    assert its.place.comments(its.number) == []
    data = json.loads(file.read_text())
    data |= {"pull_request": str(other), "commit": "f" * 40, "remarks": ["@team </details> [x](http://evil.example)"]}
    file.write_text(json.dumps(data))

    elsewhere = Workflow(its.place, Tiny(tmp_path, tiny.environment), its.folder, its.number)  # no project is there
    done = elsewhere.run("comment", "--from", str(file), event="workflow_run")
    assert "comment created: " in done.err
    body = its.comment()
    assert its.place.comments(other) == []
    assert f"Commit `{its.head[:12]}`" in body
    assert "nothing in this is vouched for" in body
    assert "@<!-- -->team &#60;/details>" in body
    assert its.checks()[0][:2] == ("mlops-ci", "neutral")
    assert not (its.folder / "outputs").exists()

    file.write_text(json.dumps(data | {"label": "x -->\n@team"}))
    wrong = elsewhere.run("comment", "--from", str(file), event="workflow_run", code=65)
    assert "label is not as reviews have it" in wrong.err
    assert its.comment() == body


def test_without_a_pull_request_it_says_so_and_without_a_repository_after_all_else(tiny: Tiny) -> None:
    assert "nothing says of which one" in tiny.run("comment", code=64).err
    done = tiny.run("comment", "--pull-request", "1", code=69)
    assert "export GITHUB_REPOSITORY=owner/name" in done.err
    assert "plan: 2 new" in done.out


def test_the_token_of_a_fork_may_not_comment_and_the_right_is_named(its: Workflow) -> None:
    token = its.place.github.token(its.place.name, **dict.fromkeys(RIGHTS, "read"))
    refused = its.run("comment", token=token, code=69)
    assert "pull-requests: write" in refused.err
    assert its.place.comments(its.number) == []


def test_a_plan_in_a_workflow_leaves_annotations_outputs_and_a_summary(its: Workflow) -> None:
    done = its.run("plan", "--format", "github", "--base", token="")
    assert "plan: 2 new" in done.out
    assert its.outputs()["trainings"] == "2"
    assert its.summary().startswith("### mlops-ci\n")
    its.tiny.replace("model.yaml", "owner: ada", "ownr: ada")
    wrong = its.run("plan", "--format", "github", code=65)
    assert "::error file=pipelines/tiny/model.yaml,line=3," in wrong.out
    assert its.outputs()["trainings"] == "0"


def test_a_fork_says_nothing_on_a_pull_request_of_somebody_else_that_has_its_very_commit_and_branch(
    tiny: Tiny, github_place: GitHubPlace, tmp_path: Path
) -> None:
    changing(tiny)
    its = workflow(github_place, tiny, tmp_path / "step", is_fork=True)
    file = its.folder / "review.json"
    its.run("comment", "--train", "never", "-o", str(file), token="")
    event = its.event("workflow_run")
    ours = workflow(github_place, tiny, tmp_path / "ours")  # who maintains it has pushed the commit, to look at it
    assert (ours.head, ours.number != its.number) == (its.head, True)

    done = its.run("comment", "--from", str(file), event="workflow_run", said=event)
    assert its.place.comments(ours.number) == []
    assert "nothing is commented" in done.err
