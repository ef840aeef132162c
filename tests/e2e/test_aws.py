"""The whole loop in an account: the same project, the same verbs, through boto3 and a loopback AWS that executes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import NOTHING, client, in_cloud, prepared, rights_of, standing
from tests.e2e.tiny import Tiny, clone, make

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def aws(aws_server: Loopback) -> Loopback:
    return prepared(aws_server)


@pytest.fixture
def tiny(tmp_path: Path, aws: Loopback) -> Iterator[Tiny]:
    made = in_cloud(make(tmp_path / "tiny"), aws, tmp_path.name)
    # What serves there hands rows of any shape to the model's code, which must look itself.
    made.replace("src/shared/numbers_of.py", "    return float(row[0])\n", "    x, _ = row\n    return float(x)\n")
    made.push("train and serve in our account")
    yield made
    made.end()
    assert standing(aws) == NOTHING


VERBS = (
    ("train",),
    ("evaluate",),
    ("promote",),
    ("deploy", "staging"),
    ("test", "staging"),
    ("gate", "production"),
    ("deploy", "production"),
)


def documented() -> dict[str, set[str]]:
    """Return the rights that docs/aws.md says each step needs."""
    text = (Path(__file__).parents[2] / "docs/aws.md").read_text().split("## Rights of who types")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return {row[0]: set(re.findall(r"`([a-z0-9-]+:\w+)`", row[1])) for row in rows if len(row) == 2}


def scores(made: Tiny) -> dict[str, Any]:
    (board,) = made.run("leaderboard", "--json").json()["models"]
    return {entry["candidate"]: entry["metrics"] for entry in board["entries"]}


def endpoint_of(aws: Loopback, environment: str) -> str:
    names = [found["EndpointName"] for found in client(aws, "sagemaker").list_endpoints()["Endpoints"]]
    (name,) = [name for name in names if name.startswith(f"{environment}-")]
    return str(name)


def ask(aws: Loopback, environment: str) -> Any:  # noqa: ANN401 - parsed JSON
    runtime = client(aws, "sagemaker-runtime")
    answer = runtime.invoke_endpoint(
        EndpointName=endpoint_of(aws, environment), ContentType="text/csv", Body="0.99,left\n0.01,left"
    )
    return json.loads(answer["Body"].read())


def test_from_an_empty_account_to_production_with_the_same_champion_and_scores_as_on_a_laptop(
    tiny: Tiny, aws: Loopback, tmp_path: Path
) -> None:
    known = documented()
    for verb in VERBS:
        aws.traffic.reset()
        tiny.run(*verb)
        allowed = known["every one"] | known[f"`{verb[0]}`"] | known["every one that works (`run` has all of these)"]
        assert rights_of(aws) - allowed == set(), f"{verb} asks for more than docs/aws.md says"
        assert aws.traffic.refused == []
    assert ask(aws, "production") == [1.0, 0.0]
    assert tiny.environment_of("staging")["tests"]["verdict"] == "passed"
    assert tiny.changes() == []
    there = standing(aws)
    assert (there["jobs"], len(there["endpoints"]), len(there["models"])) == ([], 2, 2)

    jobs = client(aws, "sagemaker").list_training_jobs()["TrainingJobSummaries"]
    tiny.run("run")
    assert client(aws, "sagemaker").list_training_jobs()["TrainingJobSummaries"] == jobs
    assert standing(aws) == there

    other = clone(tiny, tmp_path / "other")
    assert other.changes() == [], "another clone, without a cache, finds all of it"

    here = make(tmp_path / "here")
    try:
        here.run("run")
        assert here.champion()["candidate"] == tiny.champion()["candidate"]
        assert scores(here) == scores(tiny)
    finally:
        here.end()


@pytest.mark.soak
def test_more_instances_are_deployed_in_place_without_training_and_a_rollback_goes_back(
    tiny: Tiny, aws: Loopback
) -> None:
    tiny.run("run")
    tiny.replace("model.yaml", "production: {promotes_from: staging}",
                 "production: {promotes_from: staging, resources: {count: 2}}")  # fmt: skip
    tiny.push("two instances")
    assert tiny.changes() == [("redeploy", "production")]
    tiny.run("run")
    described = client(aws, "sagemaker").describe_endpoint(EndpointName=endpoint_of(aws, "production"))
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 2

    tiny.replace("candidates/middle.yaml", "0.45", "0.5")
    tiny.push("better")
    tiny.run("run")
    assert tiny.environment_of("production")["version"] == 2
    tiny.run("rollback", "production", "tiny", "--why", "a test")
    assert tiny.environment_of("production")["version"] == 1
    assert ask(aws, "production") == [1.0, 0.0]
    assert standing(aws)["jobs"] == []


def test_a_training_that_fails_tells_the_end_of_its_log_and_leaves_nothing(tiny: Tiny, aws: Loopback) -> None:
    tiny.write("src/train/fit.py", "import sys\nprint('it begins')\nsys.exit('no weights')\n")
    tiny.push("broken")
    done = tiny.run("run", code=1)
    assert "no weights" in done.err + done.out
    assert "it begins" in tiny.run("logs", "tiny", "--candidate", "low").out
    assert standing(aws) == NOTHING
