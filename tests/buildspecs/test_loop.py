"""From one commit to a production endpoint by the buildspecs, in the loopback's CodeBuild, as the template chains them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.resources import folder
from mlops_ci.testing.aws.loopback import Loopback
from tests.buildspecs.pipeline import Execution, made
from tests.buildspecs.template import STACK, Stack
from tests.e2e.clouds import client, in_cloud, prepared
from tests.e2e.tiny import CANDIDATE, Tiny, make

pytestmark = pytest.mark.e2e


def with_builds(tiny: Tiny) -> None:
    """Put the files of CodeBuild into a project, as `init --ci codebuild` does."""
    shutil.copytree(folder("buildspecs"), tiny.folder / "buildspecs", ignore=shutil.ignore_patterns("__*"))
    (tiny.folder / "requirements-ci.txt").write_text("--no-index\nmlops-ci\n")


@pytest.fixture
def project(tmp_path: Path, aws_server: Loopback) -> Iterator[Tiny]:
    aws = prepared(aws_server)
    tiny = in_cloud(make(tmp_path / "tiny"), aws, "pipeline")
    with_builds(tiny)
    tiny.replace("model.yaml", "requests: 120", "requests: 10")
    tiny.replace(
        "model.yaml", "production: {promotes_from: staging}", "production: {promotes_from: staging, approval: true}"
    )
    yield tiny
    tiny.end()


def stack(name: str, **more: str) -> Stack:
    return Stack(STACK.given | {"AWS::StackName": name, **more})


def execution(aws: Loopback, tiny: Tiny, of: Stack, number: int) -> Execution:
    origin = tiny.git("remote", "get-url", "origin")
    return Execution(client(aws, "codebuild"), of, origin, tiny.git("rev-parse", "origin/main"), f"execution-{number}")


def said(aws: Loopback, build: str) -> str:
    """Return the log of a build."""
    (found,) = client(aws, "codebuild").batch_get_builds(ids=[build])["builds"]
    logs: dict[str, Any] = found["logs"]
    events = client(aws, "logs").get_log_events(
        logGroupName=logs["groupName"], logStreamName=logs["streamName"], startFromHead=True
    )["events"]
    return "\n".join(event["message"] for event in events)


@pytest.mark.soak
def test_a_commit_that_adds_a_candidate_ends_as_an_endpoint_that_answers_with_it(
    project: Tiny, aws_server: Loopback
) -> None:
    project.push("the loop")
    of = stack("loop")
    made(client(aws_server, "codebuild"), of, {"MLOPS_CI_AWS_POLL": "0.1"})
    first = execution(aws_server, project, of, 1)
    asked = list(first.walk())
    assert asked == ["serve tiny@v1 in production?"], first
    project.git("pull", "-q", "origin", "main")
    assert project.champion()["candidate"] == "middle"
    assert project.environment_of("production")["version"] == 1

    project.write("candidates/better.yaml", CANDIDATE.format(cut=0.5))
    project.push("a better candidate")
    second = execution(aws_server, project, of, 2)
    walk = second.walk()
    assert next(walk) == "serve tiny@v2 in production?"
    assert next(walk, None) is None
    names = [name for name, _ in second.ran]
    assert names == [
        "plan/plan", "train/train", "evaluate/evaluate", "promote/promote", "staging/deploy", "staging/test", "gate/gate",
        "production/deploy", "production/test",
    ]  # fmt: skip
    project.git("pull", "-q", "origin", "main")
    found = project.environment_of("production")
    assert (found["version"], project.champion()["candidate"]) == (2, "better")

    third = execution(aws_server, project, of, 3)
    assert list(third.walk()) == []
    assert [name for name, _ in third.ran] == ["plan/plan"]
