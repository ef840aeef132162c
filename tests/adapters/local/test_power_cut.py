"""What a power cut tears in a job's folder: the job is lost, and that is told; nobody trips over it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlops_ci.ports.jobs import Failed, FailureCause, JobStatus
from tests.adapters.local.workplace import HELLO, trainer, training
from tests.contracts.jobs import ended


@pytest.mark.parametrize(
    ("torn", "gone"),
    [
        ("runner.json", ["exit.json"]),
        ("runner.json", ["exit.json", "runner.log"]),
        ("exit.json", []),
        ("job.json", ["exit.json", "runner.json", "runner.lock", "runner.log", "log"]),
    ],
)
def test_a_job_of_which_a_power_cut_tore_a_file_is_lost_and_collected(
    tmp_path: Path, torn: str, gone: list[str]
) -> None:
    jobs = trainer(tmp_path, HELLO)
    jobs.submit(training(HELLO), key="whole-1")
    ended(jobs, "whole-1")
    folder = tmp_path / "jobs" / "k-1"
    shutil.copytree(tmp_path / "jobs" / "whole-1", folder)
    for name in gone:
        (folder / name).unlink()
    (folder / torn).write_bytes(b"")
    jobs.submit(training(HELLO), key="k-1")
    found: JobStatus | None = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.LOST
    assert [output.name for output in jobs.collect("k-1").artifacts] == ["log"]
