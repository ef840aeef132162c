"""Each line of a workflow is one verb that exists, and the files that hold them give away no more than they must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_ci import resources
from tests.workflows.lines import Line, of_buildspec, of_workflow, problems

WORKFLOWS = sorted(resources.folder("workflows").glob("models-*.yml"))
ACTION = resources.folder("actions") / "setup/action.yml"
FETCHING = {"train", "evaluate", "promote", "deploy", "test", "gate", "approve", "run", "rollback", "release", "status"}
"""The verbs that ask the remote for the branch's tip, which in a private repository takes the token of the checkout."""
PUSHING = {"promote", "deploy-staging", "production", "run", "operate"}
COMMENTING = {"review", "results", "run", "comment"}


def jobs() -> Iterator[tuple[Path, str, Any]]:
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            yield path, name, job


def steps(job: Any, action: str) -> list[Any]:  # noqa: ANN401 - parsed YAML
    return [step for step in job["steps"] if step.get("uses", "").startswith(action)]


def verbs(job: Any) -> set[str]:  # noqa: ANN401 - parsed YAML
    return {step["run"].split()[1] for step in job["steps"] if "run" in step}


def test_each_line_of_each_workflow_and_of_the_action_calls_a_verb_and_flags_that_exist() -> None:
    lines = [line for path in (*WORKFLOWS, ACTION) for line in of_workflow(path)]
    assert len(lines) > 20
    assert [problem for line in lines for problem in problems(line)] == []


def test_each_line_of_each_buildspec_calls_a_verb_and_flags_that_exist() -> None:
    specs = [path for path in resources.folder("buildspecs").glob("*.yml") if path.name != "image.yml"]  # docker's
    lines = [line for path in specs for line in of_buildspec(path)]
    exports = '. "$MLOPS_CI_EXPORTS"'  # a build exports variables of its shell, which no process of ours can set
    assert len(lines) > 20
    assert [problem for line in lines for problem in problems(line, {exports})] == []


@pytest.mark.parametrize(("command", "told"), [
    ("mlops-ci deploi staging", "there is no verb"),
    ("mlops-ci deploy staging --wating x", "there is no option"),
    ("mlops-ci deploy", "required"),
    ("mlops-ci plan && mlops-ci run", "more than one command"),
    ("mlops-ci plan > plan.txt", "more than one command"),
    ("mlops-ci train --candidate ${{ matrix.candidates }}", "more than one command"),
    ("mlops-ci train --candidate $CANDIDATE", "outside of quotes"),
    ('mlops-ci train --candidate "$OTHER"', "set nowhere"),
    ("git push", "no verb of ours"),
])  # fmt: skip
def test_a_line_that_is_more_or_less_than_one_verb_is_told(command: str, told: str) -> None:
    found = list(problems(Line("a.yml: job", command, frozenset({"CANDIDATE"}))))
    assert len(found) == 1
    assert told in found[0]


def test_a_token_that_may_write_is_only_where_something_is_pushed_or_commented() -> None:
    for path, name, job in jobs():
        granted = {key for key, value in job["permissions"].items() if value == "write"} - {"id-token"}
        is_pull_request = path.stem == "models-pull-request"
        pushes = name in PUSHING and not is_pull_request
        comments = name in COMMENTING and path.stem in {"models-pull-request", "models-comment"}
        allowed = ({"contents", "pull-requests"} if pushes else set()) | (
            {"pull-requests", "checks"} if comments else set()
        )
        assert granted <= allowed, (path.name, name)
        assert ("contents" in granted) is pushes, (path.name, name)
        for checkout in steps(job, "actions/checkout@"):
            assert checkout["with"]["persist-credentials"] is bool(verbs(job) & FETCHING), (path.name, name)
            assert checkout["with"]["fetch-depth"] == 0
        assert job["timeout-minutes"] <= 360


def test_the_run_for_a_fork_has_no_secret_and_the_run_that_comments_checks_out_nothing_of_it() -> None:
    found = {(path.stem, name): job for path, name, job in jobs()}
    fork = found["models-pull-request", "fork"]
    assert fork["permissions"] == {"contents": "read"}
    assert not re.search(r"secrets\.|github\.token|aws-role", str(fork))
    trusted = found["models-comment", "comment"]
    assert all("ref" not in step["with"] and "repository" not in step["with"]
               for step in steps(trusted, "actions/checkout@"))  # fmt: skip
    assert "head" not in str(trusted["steps"])


def test_what_is_committed_is_made_from_the_tip_of_the_branch_and_what_is_trained_from_the_commit_of_the_plan() -> None:
    for path, name, job in jobs():
        refs = {step["with"].get("ref", "") for step in steps(job, "actions/checkout@")}
        match path.stem, name:
            case "models-comment" | "models-pull-request", "comment" | "review" | "fork":
                assert refs == {""}
            case "models-pull-request", _:
                assert refs == {"${{ needs.review.outputs.commit }}"}
            case _, "train":
                assert refs == {"${{ needs.plan.outputs.commit }}"}
            case _:
                assert refs == {"${{ github.ref_name }}"}


def test_every_action_of_others_is_pinned_to_one_commit_that_its_comment_names() -> None:
    pinned: dict[str, set[str]] = {}
    for path in (*WORKFLOWS, ACTION, resources.folder("workflows") / "ci.yml"):
        for used in re.findall(r"uses: (.*)", path.read_text()):
            if used == "$/.github/actions/setup":
                continue
            found = re.fullmatch(r"([\w./-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)", used)
            assert found, (path.name, used)
            pinned.setdefault(found[1], set()).add(found[2])
    assert len(pinned) == 6
    assert all(len(versions) == 1 for versions in pinned.values()), pinned


def test_every_workflow_hands_the_action_every_input_that_both_know() -> None:
    known = set(yaml.safe_load(ACTION.read_text())["inputs"])
    for path, name, job in jobs():
        (inputs,) = re.findall(r"    inputs:\n((?:      .*\n)+)", path.read_text())
        offered = set(re.findall(r"^      ([\w-]+):", inputs, re.MULTILINE))
        (setup,) = steps(job, "$/.github/actions/setup")
        without_role = {"aws-role", "aws-region"} if job["permissions"].get("id-token") != "write" else set()
        assert set(setup["with"]) == known & offered - without_role, (path.name, name)
        assert all(value == f"${{{{ inputs.{key} }}}}" for key, value in setup["with"].items())


def test_two_projects_that_one_repository_calls_the_workflows_for_do_not_cancel_each_other() -> None:
    groups = [
        (path.name, group)
        for path in WORKFLOWS
        for group in re.findall(r"^[^#\n]*\bgroup: (.+?)(?:, cancel-in-progress.*)?$", path.read_text(), re.MULTILINE)
    ]
    assert len(groups) > 5
    own = ("${{ inputs.working-directory }}", "${{ github.workflow }}")
    assert [(name, group) for name, group in groups if not any(words in group for words in own)] == []
