"""The template of the pipeline: what it names is there, what a build needs is set, no role may more than its verb."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_ci.cli.parser import parse
from mlops_ci.resources import folder
from tests.buildspecs.template import PATH, STACK, Stack, whole

BATCHES = Stack(STACK.given | {"Training": "train-batch"})
_CODEBUILD = re.compile(r"CODEBUILD_\w+|HOME|PATH")
_VARIABLE = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)\}?")
_DOCS = Path(__file__).parents[2] / "docs/aws.md"
_VERBS = {
    "TrainRole": ("train", "train with search.objective", "train with processing"),
    "CandidatesRole": ("train", "train with search.objective", "train with processing"),
    "EvaluateRole": ("evaluate",),
    "PromoteRole": ("promote",),
    "DeployRole": ("deploy", "deploy with alarms or autoscaling"),
    "TestRole": ("test",),
    "GateRole": ("gate",),
    "ApproveRole": ("gate", "deploy", "deploy with alarms or autoscaling"),
}


def spec(name: str) -> dict[str, Any]:
    """Return a buildspec of ours by its path in a repository."""
    found: dict[str, Any] = yaml.safe_load((folder("buildspecs").parent / name).read_text(encoding="utf-8"))
    return found


def commands(data: dict[str, Any]) -> list[str]:
    """Return every command of a buildspec."""
    phases = data["phases"].values()
    return [one for phase in phases for key in ("commands", "finally") for one in phase.get(key, ())]


def test_cfn_lint_has_nothing_to_say() -> None:
    from cfnlint.api import ManualArgs, lint_file

    found = lint_file(PATH, config=ManualArgs(regions=["us-east-1"]))
    assert [str(match) for match in found] == []


def test_it_is_small_enough_to_be_given_to_cloudformation_as_it_is() -> None:
    assert (
        PATH.stat().st_size <= 51_200
    )  # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html


def test_every_projects_buildspec_is_there_and_every_variable_that_it_uses_is_set() -> None:
    for name, project in BATCHES.projects().items():
        data = spec(project["Source"]["BuildSpec"])
        env = data.get("env", {})
        known = {one["Name"] for one in project["Environment"]["EnvironmentVariables"]}
        known |= {key for kind in ("variables", "parameter-store", "secrets-manager") for key in env.get(kind, {})}
        used = {found for command in commands(data) for found in _VARIABLE.findall(command)}
        assert {one for one in used - known if not _CODEBUILD.fullmatch(one)} == set(), name


def test_every_variable_of_an_action_is_one_of_its_buildspec_and_every_one_that_is_read_is_exported_before() -> None:
    exported: dict[str, set[str]] = {"codepipeline": {"PipelineExecutionId"}}
    by_name = {project["Name"]: project for project in STACK.projects().values()}
    for stage in STACK.stages():
        read = re.findall(r"#\{(\w+)\.(\w+)\}", json.dumps(stage))
        assert all(name in exported[space] for space, name in read if space != stage["Name"]), stage["Name"]
        for action in stage["Actions"]:
            if action["ActionTypeId"]["Provider"] != "CodeBuild":
                continue
            data = spec(by_name[action["Configuration"]["ProjectName"]]["Source"]["BuildSpec"])
            given = json.loads(action["Configuration"].get("EnvironmentVariables", "[]"))
            assert {one["name"] for one in given} <= set(data["env"]["variables"])
            if "Namespace" in action:
                exported[action["Namespace"]] = set(data["env"]["exported-variables"])


def test_each_command_is_one_verb_that_is_there_with_flags_that_are_there() -> None:
    for path in sorted(folder("buildspecs").glob("*.yml")):
        if path.stem == "image":  # it speaks with docker, and is the verb's own
            continue
        for command in commands(yaml.safe_load(path.read_text(encoding="utf-8"))):
            words = [word.strip('"') for word in command.split()]
            if words[0] == "mlops-ci":
                assert parse(words[1:]).verb, command
            else:
                assert command.startswith(("python3 -m pip install", '. "$MLOPS_CI_EXPORTS"')), command
            assert not re.search(r"[|;&`]|\$\(", command), command


def test_each_variable_in_a_command_stands_between_quotes() -> None:
    for path in sorted(folder("buildspecs").glob("*.yml")):
        if path.stem != "image":
            for command in commands(yaml.safe_load(path.read_text(encoding="utf-8"))):
                assert re.sub(r'"[^"]*"', "", command).count("$") == 0, command


def table() -> dict[str, set[str]]:
    """Return the rights of each step, as the page on AWS has them."""
    text = _DOCS.read_text(encoding="utf-8").partition("## Rights of who types")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    return {step.replace("`", ""): set(re.findall(r"`([a-z0-9-]+:\w+)`", rights)) for step, rights in rows}


@pytest.mark.parametrize("role", _VERBS)
def test_a_role_may_what_its_verb_asks_for_and_nothing_else_of_sagemaker(role: str) -> None:
    rights = table()
    wanted = rights["every one"] | rights["every one that works (run has all of these)"]
    wanted = wanted.union(*(rights[step] for step in _VERBS[role]))
    found = BATCHES.rights(role)
    assert wanted - set(found) == set()
    if role == "EvaluateRole":  # what is done after an evaluation is a processing job, too
        wanted |= rights["train with processing"]
    assert {one for one in found if one.startswith("sagemaker:")} - wanted == set()


def test_no_role_is_an_administrators() -> None:
    for role in BATCHES.resources("AWS::IAM::Role"):
        for action, resources in BATCHES.rights(role).items():
            assert "*" not in action, (role, action)
            if "*" in resources:
                assert action in {"sagemaker:Search", "ecr:BatchGetImage"}, (role, action)


def test_a_pull_request_may_write_nothing_and_start_nothing() -> None:
    rights = STACK.rights("PullRequestRole")
    assert {one.partition("/")[2] for one in rights["s3:PutObject"]} == {"cache/pull-request/*"}
    assert "iam:PassRole" not in rights
    assert not [one for one in rights if one.startswith("sagemaker:") and one != "sagemaker:Search"]


def test_each_role_writes_to_no_cache_but_its_own_and_only_pull_requests_read_the_token() -> None:
    for role in BATCHES.resources("AWS::IAM::Role"):
        rights = BATCHES.rights(role)
        caches = {one for one in rights.get("s3:PutObject", ()) if "/cache/" in one}
        assert len(caches) <= 1
        assert ("secretsmanager:GetSecretValue" in rights) is (role == "PullRequestRole")


def test_the_webhook_builds_pull_requests_of_the_branch_and_asks_before_those_of_forks() -> None:
    triggers = STACK.projects()["PullRequestProject"]["Triggers"]
    (group,) = triggers["FilterGroups"]
    events = next(one["Pattern"] for one in group if one["Type"] == "EVENT")
    assert set(events.split(", ")) == {"PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED"}
    assert next(one["Pattern"] for one in group if one["Type"] == "BASE_REF") == "^refs/heads/main$"
    assert triggers["PullRequestBuildPolicy"]["RequiresCommentApproval"] == "FORK_PULL_REQUESTS"


def test_the_source_is_a_full_clone_and_two_merges_go_one_after_the_other() -> None:
    source = STACK.stages()[0]["Actions"][0]["Configuration"]
    assert source["OutputArtifactFormat"] == "CODEBUILD_CLONE_REF"
    (pipeline,) = STACK.resources("AWS::CodePipeline::Pipeline").values()
    assert pipeline["ExecutionMode"] == "QUEUED"
    for project in STACK.projects().values():
        if project["Source"]["Type"] == "GITHUB":
            assert project["Source"]["GitCloneDepth"] == 0


def test_every_parameter_that_is_a_text_says_what_it_may_be() -> None:
    for name, about in whole()["Parameters"].items():
        assert about["Type"] == "Number" or "AllowedPattern" in about or "AllowedValues" in about, name
        if "Default" in about and "AllowedPattern" in about:
            assert re.fullmatch(about["AllowedPattern"], about["Default"]), name
        if name in STACK.given and "AllowedPattern" in about:
            assert re.fullmatch(about["AllowedPattern"], STACK.given[name]), name
