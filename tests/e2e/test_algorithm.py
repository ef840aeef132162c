"""A built-in algorithm beside scripts, here and in the loopback AWS: the same accuracy, and nothing left to do."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import know_images
from tests.e2e.tiny import PROJECT, Tiny, make

pytestmark = pytest.mark.e2e

ALGORITHM = """\
format: 1
algorithm: xgboost
hyperparameters: {num_round: 10, objective: "binary:logistic"}
"""
USER_TEST = """\
def test_a_large_number_is_large(endpoint):
    assert endpoint.invoke([[0.99]]).json()["predictions"][0]["score"] > 0.5
"""
ROLE = "arn:aws:iam::123456789012:role/ml"


@pytest.fixture
def project(tmp_path: Path) -> Tiny:
    """Return the tiny project, one more column dropped: an algorithm reads numbers alone."""
    tiny = make(tmp_path / "tiny")
    tiny.replace("model.yaml", "drop: [id]", "drop: [id, side]")
    for place in (tiny.folder / "pipelines/tiny/candidates").iterdir():
        place.unlink()
    tiny.write("candidates/built.yaml", ALGORITHM)
    tiny.write("tests/test_large.py", USER_TEST)
    tiny.write("candidates/cut.yaml", "format: 1\nscript: src/train/fit.py\nhyperparameters: {cut: 0.4}\n")
    return tiny


def accuracies(tiny: Tiny, *target: str) -> dict[str, Any]:
    """Return the scores of every candidate."""
    (model,) = tiny.run("leaderboard", "--json", *target).json()["models"]
    return {entry["candidate"]: entry["metrics"] for entry in model["entries"]}


def test_an_algorithm_serves_itself_wins_by_its_own_answers_and_is_retrained_by_nothing(project: Tiny) -> None:
    project.push("an algorithm")
    try:
        project.run("run")
        status, answer, version = project.ask("staging", "0.99")
        assert (status, version) == (200, "tiny/v1")
        assert "score" in answer
        assert project.champion()["candidate"] == "built"
        assert project.changes() == []
        project.write("src/serve/inference.py", project.read("src/serve/inference.py") + "\n")
        assert ("re-evaluate", "built") not in project.changes()
    finally:
        project.end()


def in_aws(project: Tiny, aws_server: Loopback) -> Tiny:
    """Return the project with a target `aws` beside its own."""
    bucket = f"models-{uuid.uuid4().hex}"
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    boto3.client("s3", endpoint_url=aws_server.url, region_name="us-east-1", **keys).create_bucket(Bucket=bucket)
    (project.folder / "mlops-ci.yaml").write_text(
        f"{PROJECT}  aws: {{kind: aws, store: s3://{bucket}/team, region: us-east-1, role: {ROLE}}}\n"
    )
    project.push("a target in AWS")
    know_images(project.folder)
    return Tiny(project.folder, {**project.environment, **aws_server.environment(), "MLOPS_CI_AWS_POLL": "0.1"})


@pytest.mark.soak
def test_it_is_judged_alike_here_and_in_aws(project: Tiny, aws_server: Loopback) -> None:
    project = in_aws(project, aws_server)
    try:
        for target in ((), ("--target", "aws")):
            project.run("train", *target)
            project.run("evaluate", *target)
        here, there = accuracies(project), accuracies(project, "--target", "aws")
        assert here == there
        assert {*here} == {"built", "cut"}
    finally:
        project.end()


SEARCHED = """\
format: 1
algorithm: xgboost
hyperparameters: {num_round: 5, objective: "binary:logistic"}
search:
  strategy: grid
  budget: {parallel: 2}
  objective: validation:logloss
  goal: minimize
  ranges: {eta: {values: [0.5, 0.05]}}
"""


def test_its_search_by_a_metric_of_its_own_finds_the_same_here_and_in_one_tuning_job(
    project: Tiny, aws_server: Loopback
) -> None:
    project.write("candidates/built.yaml", SEARCHED)
    project = in_aws(project, aws_server)
    found = []
    for target in ((), ("--target", "aws")):
        project.run("train", "--candidate", "built", *target)
        (search,) = project.run("leaderboard", "--trials", "--json", *target).json()["searches"]
        found.append([(trial["trial"], trial["hyperparameters"], trial["score"]) for trial in search["trials"]])
        assert "validation-logloss" in project.run("logs", "tiny", "--candidate", "built", *target).out
    assert found[0] == found[1]
    assert [given for _, given, _ in found[0]] == [{"eta": 0.5}, {"eta": 0.05}]
