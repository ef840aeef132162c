"""Steps in the order of their needs; and after a run nothing is left to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mlops_ci.executor.schedule import OnFailure, exit_code, run_steps
from mlops_ci.plan.steps import Scheduled, Train
from mlops_ci.ports.jobs import Failed, FailureCause
from tests.executor.small import candidate, project_files, small
from tests.executor.small_ports import AT

FAILED = Failed(FailureCause.EXIT, "exit code 1", AT, AT, 1.0)


def test_a_run_does_everything_once_and_leaves_an_empty_plan(tmp_path: Path) -> None:
    world = small(tmp_path)
    result = world.run()
    assert result.exit_code == 0, result.ended
    assert set(world.outcomes(result).values()) == {"done"}
    assert world.changes() == []
    assert world.steps() == []
    tip = world.repository.main
    assert world.run().ended == ()
    assert world.repository.main == tip
    assert len(world.trainer.begun) == 2


CHANGES = {
    "a candidate": ("candidates/bad.yaml", candidate(5)),
    "a candidate that loses": ("candidates/bad.yaml", candidate(2)),
    "a new candidate": ("candidates/best.yaml", candidate(5)),
    "training code": ("src/train/fit.py", b"fit better"),
    "serving code": ("src/serve/inference.py", b"serve better"),
    "data": ("data/tiny.csv", b"x,large\n1,no\n9,yes\n"),
}


@pytest.mark.parametrize("what", sorted(CHANGES))
def test_after_a_change_and_a_run_the_plan_is_empty(tmp_path: Path, what: str) -> None:
    world = small(tmp_path)
    world.run()
    world.push(*CHANGES[what])
    assert world.steps() != []
    result = world.run()
    assert result.exit_code == 0, result.ended
    assert world.steps() == []
    assert world.changes() == []


MODEL_CHANGES = {
    "a margin": ("serving:", "promotion: {beat_champion: {margin: 0.5}}\nserving:"),
    "a requirement": ("serving:", "promotion: {require: [{metric: accuracy, min: 0.7}]}\nserving:"),
    "workers": ("script: src/serve/inference.py", "script: src/serve/inference.py, workers: 2"),
    "tests": ("robustness]", "robustness], tolerance: 0.1"),
    "the owner": ("owner: ada", "owner: grace"),
    "a third environment": ("production:", "canary: {promotes_from: staging}\n  production:"),
    "an approval": ("promotes_from: staging}", "promotes_from: staging, approval: true}"),
    "the threshold": ("metric: accuracy}", "metric: accuracy, threshold: 0.4}"),
    "a serving variable": (
        "script: src/serve/inference.py",
        "script: src/serve/inference.py, environment: {A: 'true'}",
    ),
}


@pytest.mark.parametrize("what", sorted(MODEL_CHANGES))
def test_after_a_change_of_the_manifest_and_a_run_the_plan_is_empty(tmp_path: Path, what: str) -> None:
    world = small(tmp_path)
    world.run()
    world.rewrite(*MODEL_CHANGES[what])
    assert world.changes() != [] or what == "an approval"
    world.run()
    assert world.steps() == []
    assert world.changes() == []
    assert len(world.trainer.begun) == 2


def test_when_a_training_fails_the_others_go_on_and_what_needs_it_is_not_begun(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.trainer.fates["bad"] = [FAILED]
    result = world.run()
    assert result.exit_code == 1
    ends = world.outcomes(result)
    assert (ends["train/bad"], ends["train/good"], ends["evaluate/good"]) == ("failed", "done", "done")
    assert (ends["evaluate/bad"], ends["promote"], ends["deploy/staging"]) == ("stopped", "stopped", "stopped")
    assert world.run().exit_code == 0
    assert len(world.trainer.begun) == 3
    assert world.steps() == []


def two_models() -> dict[str, bytes]:
    return {**project_files("alpha"), **project_files("beta")}


def test_after_a_failure_no_other_model_is_begun_unless_it_is_to_keep_going(tmp_path: Path) -> None:
    world = small(tmp_path, two_models())
    world.trainer.fates["bad"] = [FAILED]
    result = world.run()
    assert {end.step.model for end in result.ended if end.outcome.value == "done"} == {"alpha"}
    world.trainer.fates["bad"] = [FAILED]
    result = world.run(on_failure=OnFailure.KEEP_GOING)
    assert "beta/deploy/production" in {end.step.id for end in result.ended if end.outcome.value == "done"}
    assert result.exit_code == 1


def test_needs_outside_of_what_is_performed_are_somebody_elses_part(tmp_path: Path) -> None:
    world = small(tmp_path)
    situation = world.assess()
    ended = run_steps(
        world.world, situation, (Scheduled(Train("tiny", "good"), ("tiny/process",)),), width=4,
        on_failure=OnFailure.KEEP_GOING, patience=world.patience(), emit=lambda _: None, cancel=lambda: None,
    )  # fmt: skip
    assert exit_code(ended) == 0


def test_a_bug_in_a_step_is_raised_and_not_told_as_an_end(tmp_path: Path) -> None:
    world = small(tmp_path)

    def broken(_key: str) -> None:
        raise ZeroDivisionError

    world.trainer.on_submit = broken
    with pytest.raises(ZeroDivisionError):
        world.run()


def test_what_the_machine_refuses_a_step_is_its_end_and_others_go_on(tmp_path: Path) -> None:
    world = small(tmp_path)

    def refused(_key: str) -> None:
        if len(world.trainer.begun) == 1:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), "/some/file")

    world.trainer.on_submit = refused
    result = world.run()
    assert result.exit_code == 69
    (end,) = (end for end in result.ended if end.exit_code)
    assert end.sentence == "this machine says no `/some/file`: Too many open files"
    assert "done" in {e.outcome.value for e in result.ended}
    world.trainer.on_submit = lambda _: None
    assert world.run().exit_code == 0
    assert world.steps() == []
