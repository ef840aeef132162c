"""Which steps a verb performs, and what finding nothing to do means for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.commands import select
from mlops_ci.commands.wanted import wanted
from mlops_ci.commands.work import closed
from mlops_ci.errors import UsageError
from mlops_ci.plan.steps import Evaluate, Process, Promote, Scheduled, Test, Train, When
from tests.executor.small import Small, candidate, project_files, small

PROCESSING = "processing: {script: src/process/p.py, outputs: [train, test]}\nserving:"


def ids(steps: tuple[Scheduled, ...]) -> list[str]:
    return [scheduled.step.id.partition("/")[2] for scheduled in steps]


def processed(root: Path) -> Small:
    world = small(root)
    world.write("src/process/p.py", b"process")
    world.rewrite("serving:", PROCESSING)
    return world


def test_each_verb_has_the_steps_of_its_name(tmp_path: Path) -> None:
    situation = small(tmp_path).assess()
    assert ids(select.part(situation, "train")) == ["train/bad", "train/good"]
    assert ids(select.part(situation, "evaluate")) == ["evaluate/bad", "evaluate/good"]
    assert ids(select.part(situation, "promote")) == ["promote"]
    assert select.part(situation, "run") == situation.plan.steps


def test_training_brings_the_processing_that_it_needs(tmp_path: Path) -> None:
    situation = processed(tmp_path).assess()
    assert ids(select.part(situation, "train")) == ["process", "train/bad", "train/good"]
    assert ids(select.trainings(situation, wanted(("good",)))) == ["process", "train/good"]
    replaced = select.replacing(situation, wanted(("good",)))
    assert ids(replaced) == ["process", "train/good"]
    assert replaced[1].needs == ("tiny/process",)


def test_replacing_asks_for_every_candidate_or_those_named(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    situation = world.assess()
    assert ids(select.replacing(situation, wanted(()))) == ["train/bad", "train/good"]
    assert ids(select.replacing(situation, wanted(("bad",)))) == ["train/bad"]


def test_an_unknown_candidate_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    situation = small(tmp_path).assess()
    select.refuse_unknown(situation, ("good", "bad"))
    with pytest.raises(UsageError) as raised:
        select.refuse_unknown(situation, ("good", "god"))
    assert "`bad`, `good`" in raised.value.detail
    assert "good" in raised.value.hint


def test_an_environment_is_deployed_behind_its_gate_and_tested_because_somebody_asked(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    situation = world.assess()
    deployed = select.on_environment(situation, "deploy", "production")
    assert ids(deployed) == ["gate/production", "deploy/production"]
    assert deployed[1].needs == ("tiny/gate/production",)
    (tested,) = select.on_environment(situation, "test", "staging")
    assert tested.step == Test("tiny", "staging", When.ASKED)
    assert ids(select.on_environment(situation, "gate", "production")) == ["gate/production"]


def test_an_unknown_environment_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        select.on_environment(small(tmp_path).assess(), "deploy", "prod")
    assert "`production`, `staging`" in raised.value.detail


def test_what_is_not_on_the_branch_is_not_deployed(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    world.write("candidates/bad.yaml", candidate(5))
    with pytest.raises(UsageError) as raised:
        select.on_environment(world.assess(), "deploy", "staging")
    assert "commit, merge and push" in raised.value.hint
    assert {type(s.step) for s in select.part(world.assess(), "run")} == {Train, Evaluate}


@pytest.mark.parametrize(("verb", "code"), [("run", 75), ("promote", 0), ("evaluate", 0), ("train", 0)])
def test_a_gate_that_waits_is_a_no_to_run_alone(tmp_path: Path, verb: str, code: int) -> None:
    world = small(tmp_path)
    world.rewrite("{promotes_from: staging}", "{promotes_from: staging, approval: true}")
    world.run()
    assert closed(world.assess().plan, verb) == code


@pytest.mark.parametrize(("verb", "code"), [("run", 1), ("promote", 1), ("evaluate", 0), ("train", 0)])
def test_a_contest_that_nobody_won_is_a_no_to_who_promotes(tmp_path: Path, verb: str, code: int) -> None:
    world = small(tmp_path)
    world.rewrite("serving:", "promotion: {require: [{metric: accuracy, min: 0.99}]}\nserving:")
    world.run()
    assert closed(world.assess().plan, verb) == code


def test_a_model_whose_gate_is_closed_is_not_forgotten_where_another_had_work(tmp_path: Path) -> None:
    world = small(tmp_path, {**project_files("alpha"), **project_files("tiny")})
    world.rewrite("{promotes_from: staging}", "{promotes_from: staging, approval: true}")
    assert world.run().exit_code == 75
    at = "pipelines/alpha/candidates/bad.yaml"
    world.repository.files[at] = candidate(5)
    world.repository.push()
    result = world.run()
    assert {end.step.model for end in result.ended} == {"alpha"}
    assert result.exit_code == 0
    assert closed(world.assess().plan, "run") == 75  # which is what the verb answers with


def test_kinds_of_steps_belong_to_one_verb_each() -> None:
    parts = [select._PARTS[verb] for verb in ("train", "evaluate", "promote")]
    assert sorted(kind.__name__ for part in parts for kind in part) == sorted(
        kind.__name__ for kind in (Process, Train, Evaluate, Promote)
    )
