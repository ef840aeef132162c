"""From one commit to a production endpoint: the buildspecs run in the loopback, as the template chains them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_ci.testing.aws.loopback import Loopback, Settings
from tests.buildspecs.pipeline import Execution, made
from tests.buildspecs.site import with_builds
from tests.buildspecs.template import STACK, Stack
from tests.e2e.ci import MODEL
from tests.e2e.clouds import client, in_cloud, prepared
from tests.e2e.tiny import CANDIDATE, Tiny, make

pytestmark = pytest.mark.e2e


@pytest.fixture
def project(tmp_path: Path, aws_server: Loopback) -> Iterator[Tiny]:
    aws = prepared(aws_server)
    tiny = in_cloud(make(tmp_path / "tiny"), aws, tmp_path.name.replace("_", "-"))  # a store of its own
    with_builds(tiny)
    tiny.write("model.yaml", MODEL)
    yield tiny
    tiny.end()


def stack(name: str, **more: str) -> Stack:
    return Stack(STACK.given | {"AWS::StackName": name, **more})


def execution(aws: Loopback, tiny: Tiny, of: Stack, number: int) -> Execution:
    origin = tiny.git("remote", "get-url", "origin")
    return Execution(
        client(aws, "codebuild"),
        client(aws, "logs"),
        of,
        origin,
        tiny.git("rev-parse", "origin/main"),
        f"execution-{number}",
    )


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
        "plan/plan", "train/train", "evaluate/evaluate", "promote/promote", "staging/deploy", "staging/test",
        "gate/gate",
        "production/deploy", "production/test",
    ]  # fmt: skip
    project.git("pull", "-q", "origin", "main")
    found = project.environment_of("production")
    assert (found["version"], project.champion()["candidate"]) == (2, "better")

    sagemaker, runtime = client(aws_server, "sagemaker"), client(aws_server, "sagemaker-runtime")
    names = [one["EndpointName"] for one in sagemaker.list_endpoints()["Endpoints"]]
    (endpoint,) = [name for name in names if name.startswith("production-tiny")]
    answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body="0.99,left\n0.48,left")
    assert json.loads(answer["Body"].read()) == [1.0, 0.0]  # `middle` says yes to the second row, `better` does not

    third = execution(aws_server, project, of, 3)
    assert list(third.walk()) == []
    assert [name for name, _ in third.ran] == ["plan/plan"]


@pytest.mark.soak
def test_a_batch_trains_each_candidate_in_a_build_of_its_own(
    project: Tiny, aws_server: Loopback, aws_settings: Settings
) -> None:
    project.push("the loop")
    ((_, place),) = aws_settings.repositories
    Path(place).symlink_to(project.git("remote", "get-url", "origin").removeprefix("file://"))
    try:
        of = stack("fleet", Training="train-batch")
        made(client(aws_server, "codebuild"), of, {"MLOPS_CI_AWS_POLL": "0.1"})
        done = project.run("ci", "batch", "--project", "fleet-train-candidates")
        assert re.search(r"train_1_tiny_low: succeeded \(arn:aws:codebuild:.*build/fleet-train-candidates:", done.out)
        assert "train_2_tiny_middle: succeeded" in done.out
        models = project.run("leaderboard", "--json").json()["models"]
        states = {one["candidate"]: one["state"] for one in models[0]["entries"]}
        assert states == {"low": "trained", "middle": "trained"}
        again = project.run("ci", "batch", "--project", "fleet-train-candidates")
        assert again.out == "nothing is to be trained\n"
    finally:
        Path(place).unlink()
