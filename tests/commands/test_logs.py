"""Which job's log is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.commands.logs import job_log
from mlops_ci.errors import UsageError
from mlops_ci.ports.jobs import Failed, FailureCause, Running
from tests.executor.small import candidate, small
from tests.executor.small_ports import AT
from tests.executor.test_search_killed import Killed


def test_the_job_that_failed_last_is_meant_until_its_like_succeeded(tmp_path: Path) -> None:
    world = small(tmp_path)
    with pytest.raises(UsageError):
        list(job_log(world.world, "tiny", "", 0))
    made = world.trainer.made
    world.trainer.made = lambda job: {**made(job), "log": f"{job.candidate} {job.hyperparameters}\n".encode()}
    world.trainer.fates["bad"] = [Failed(FailureCause.EXIT, "exit code 1", AT, AT, 1.0)]
    world.run()
    assert list(job_log(world.world, "tiny", "", 0)) == ["bad (('cut', '1'),)"]
    assert list(job_log(world.world, "tiny", "good", 1)) == ["good (('cut', '4'),)"]
    world.push("candidates/bad.yaml", candidate(2))  # mended, and so another job
    assert world.run().exit_code == 0
    assert list(job_log(world.world, "tiny", "", 0)) == ["it printed"]  # of the evaluation after it


def test_of_a_search_it_is_the_newest_trials_log_while_it_goes_on_and_then_the_best_ones(tmp_path: Path) -> None:
    world = small(tmp_path)
    grid = b"format: 1\nscript: src/train/fit.py\nsearch:\n  strategy: grid\n  ranges: {cut: {values: [3, 5, 2]}}\n"
    world.push("candidates/good.yaml", grid)
    made = world.trainer.made
    world.trainer.made = lambda job: {**made(job), "log": f"this is {job.candidate}\n".encode()}
    world.trainer.fates["good#3"] = [Running()]
    world.clock.on_sleep = lambda: world.cancelled.append(True)
    assert world.run("tiny").exit_code == 130
    assert list(job_log(world.world, "tiny", "good", 0)) == ["this is good#3"]
    world.cancelled.clear()
    world.trainer.fates.clear()
    assert world.run().exit_code == 0
    assert list(job_log(world.world, "tiny", "good", 0)) == ["this is good#2"]
    assert list(job_log(world.world, "tiny", "good#1", 0)) == ["this is good#1"]


def test_a_hyperparameter_called_objective_makes_no_search(tmp_path: Path) -> None:
    world = small(tmp_path)
    manifest = b"format: 1\nscript: src/train/fit.py\nhyperparameters: {cut: 4, objective: 'binary:logistic'}\n"
    world.push("candidates/good.yaml", manifest)
    world.trainer.fates["good"] = [Running()]
    world.clock.on_sleep = _die
    with pytest.raises(Killed):
        world.run("tiny")
    assert list(job_log(world.world, "tiny", "good", 0)) == ["it printed"]


def _die() -> None:
    raise Killed
