"""The phases of a build: what runs, in which order, and what a failure ends."""

from __future__ import annotations

import pytest

from tests.testing.aws.builds.site import Site, phases, spec


def test_variables_and_folder_carry_over_from_command_to_command_and_phase_to_phase(site: Site) -> None:
    text = spec(
        install=["export GREETING=hello", "mkdir inner && cd inner"],
        build=['echo "$GREETING from $(basename $PWD)"', "export GREETING=bye"],
        post_build=['echo "$GREETING" >&2'],
    )
    build = site.built(site.project(text))
    assert build["buildStatus"] == "SUCCEEDED"
    assert site.log(build) == ["hello from inner", "bye"]
    assert phases(build) == dict.fromkeys(
        (
            "SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD",
            "UPLOAD_ARTIFACTS", "FINALIZING",
        ),
        "SUCCEEDED",
    ) | {"COMPLETED": ""}  # fmt: skip
    assert build["currentPhase"] == "COMPLETED"
    assert build["endTime"] >= build["startTime"]
    assert "no container of `aws/codebuild/standard:7.0` is started" in site.agent(build)


def test_after_a_failed_build_phase_post_build_still_runs_and_is_told(site: Site) -> None:
    text = spec(build=["false", "echo never"], post_build=['echo "succeeding=$CODEBUILD_BUILD_SUCCEEDING"'])
    build = site.built(site.project(text))
    assert build["buildStatus"] == "FAILED"
    assert site.log(build) == ["succeeding=0"]
    told = phases(build)
    assert (told["BUILD"], told["POST_BUILD"], told["UPLOAD_ARTIFACTS"]) == ("FAILED", "SUCCEEDED", "SUCCEEDED")
    (failed,) = [phase for phase in build["phases"] if phase.get("phaseStatus") == "FAILED"]
    assert failed["contexts"] == [
        {
            "statusCode": "COMMAND_EXECUTION_ERROR",
            "message": "Error while executing command: false. Reason: exit status 1",
        }
    ]


@pytest.mark.parametrize("phase", ["install", "pre_build"])
def test_after_a_failed_earlier_phase_nothing_else_runs(site: Site, phase: str) -> None:
    build = site.built(site.project(spec(**{phase: ["exit 3"]}, build=["echo never"], post_build=["echo never"])))
    assert build["buildStatus"] == "FAILED"
    assert site.log(build) == []
    assert "BUILD" not in phases(build)
    assert "exit status 3" in site.agent(build)


def test_a_command_that_leaves_the_shell_leaves_its_variables_to_the_next(site: Site) -> None:
    text = spec(
        build=["export KEPT='it is'", "mkdir -p deep && cd deep", "set -e", "false"],
        post_build=['echo "$KEPT in $(basename "$PWD")"'],
    )
    build = site.built(site.project(text))
    assert build["buildStatus"] == "FAILED"
    assert site.log(build) == ["it is in deep"]


def test_finally_runs_after_a_failure_and_on_failure_decides_what_comes_next(site: Site) -> None:
    text = """
version: 0.2
phases:
  install:
    on-failure: CONTINUE
    commands: [exit 1]
    finally: [echo finally]
  build:
    on-failure: ABORT
    commands: [echo built, 'false']
  post_build:
    commands: [echo never]
"""
    build = site.built(site.project(text))
    assert build["buildStatus"] == "FAILED"
    assert site.log(build) == ["finally", "built"]
    assert phases(build)["INSTALL"] == "FAILED"
    assert "POST_BUILD" not in phases(build)


def test_output_without_an_end_of_line_and_of_both_streams_is_kept_in_order(site: Site) -> None:
    build = site.built(site.project(spec(build=["printf one; printf two >&2", "echo; echo three"])))
    assert site.log(build) == ["onetwo", " ", "three"]


def test_a_shell_may_be_bash(site: Site) -> None:
    text = "version: 0.2\nenv: {shell: bash}\nphases: {build: {commands: ['a=(1 2 3); echo ${#a[@]}']}}"
    assert site.log(site.built(site.project(text))) == ["3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 0.3\nphases: {build: {commands: [ls]}}", "version `0.3` is not supported"),
        ("version: 0.2\nphases: {deploy: {commands: [ls]}}", "phase `deploy` is none of"),
        ("version: 0.2\nphases: {build: {commands: [{a: b}]}}", "to be of string type"),
        ("version: 0.2\nphases: [", "YAML_FILE_ERROR"),
    ],
)
def test_what_is_no_buildspec_fails_before_any_phase(site: Site, text: str, said: str) -> None:
    build = site.built(site.project(text + "\n"))
    assert build["buildStatus"] == "FAILED"
    assert phases(build)["DOWNLOAD_SOURCE"] == "FAILED"
    assert said in str(build["phases"])
