"""Which job's log is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.commands.logs import job_log
from mlops_ci.errors import UsageError
from mlops_ci.ports.jobs import Failed, FailureCause
from tests.executor.small import candidate, small
from tests.executor.small_ports import AT


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
