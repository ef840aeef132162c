"""What a newcomer is told before there is a model, and before the first commit of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.tiny import CANDIDATE, Tiny, environment

pytestmark = pytest.mark.e2e


def test_a_project_without_models_is_told_to_get_one_and_not_to_run(tmp_path: Path) -> None:
    empty = Tiny(tmp_path, environment())
    assert "hint: add pipelines/NAME/model.yaml, or type `mlops-ci init . --example churn`" in empty.run("init").err
    assert "hint: mlops-ci plan, then mlops-ci run" in empty.run("init", "--example", "churn").err


def test_what_is_not_committed_is_counted_and_the_next_command_named(tiny: Tiny) -> None:
    tiny.write("candidates/one.yaml", CANDIDATE.format(cut=0.5))
    assert "candidates/one.yaml` is not on `main` as it is here" in tiny.run("plan").out
    tiny.write("candidates/two.yaml", CANDIDATE.format(cut=0.6))
    told = tiny.run("plan").out
    assert "candidates/one.yaml` and 1 more are not on `main` as they are here" in told
    assert "hint: commit and merge it, then mlops-ci run" in told


def test_a_champion_that_stays_where_it_serves_asks_no_gate_again(tiny: Tiny) -> None:
    tiny.run("run")
    tiny.replace("model.yaml", "{promotes_from: staging}", "{promotes_from: staging, approval: true}")
    tiny.write("candidates/worse.yaml", CANDIDATE.format(cut=0.1))
    tiny.push("ask somebody from now on; a candidate that loses")
    assert tiny.changes() == [("new", "worse")]
    assert "gate/production: skipped: tiny v1 is in already" in tiny.run("run").err
    assert tiny.changes() == []
    tiny.run("gate", "production", code=75)
