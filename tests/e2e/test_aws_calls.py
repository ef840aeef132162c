"""What a plan asks an account, counted: many models that SageMaker trained, on a runner that has but a clone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bench.estate.making import Size, make
from mlops_ci.testing.aws.loopback import Loopback
from tests.e2e.clouds import ROLE, prepared
from tests.e2e.tiny import Tiny, clone, environment

pytestmark = pytest.mark.e2e

MODELS = 30
"""As many as show that calls do not grow with them: one a model were too many. A hundred are played by `make soak`."""

MOST = 20
"""Calls that a plan of a hundred unchanged models may take, beside one for each repository of images."""

PROJECT = f"""\
format: 1
branch: main
remote: origin
target: cloud
targets:
  cloud: {{kind: aws, store: "s3://models/calls", role: "{ROLE}"}}
"""


@pytest.mark.parametrize("models", [MODELS, pytest.param(100, marks=pytest.mark.soak)])
def test_a_plan_of_many_unchanged_models_takes_at_most_twenty_calls_and_one_for_the_image(
    aws_server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: int
) -> None:
    aws = prepared(aws_server)
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "work"
    make(folder, Size(models), project=PROJECT.replace("calls", f"calls-{models}"))
    made = Tiny(folder, {**environment(), **aws.environment()})
    made.git("clone", "-q", "--bare", ".", str(tmp_path / "origin.git"))
    made.git("remote", "add", "origin", f"file://{tmp_path}/origin.git")
    made.git("fetch", "-q", "origin")
    made.run("run")
    assert made.changes() == []

    runner = clone(made, tmp_path / "runner")
    aws.traffic.reset()
    assert runner.changes() == []
    calls = Counter(aws.traffic.calls)
    assert calls["ecr", "BatchGetImage"] == 1
    assert sum(calls.values()) - 1 <= MOST, calls
    assert aws.traffic.refused == []
