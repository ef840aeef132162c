"""A key is started once, whoever asks and whoever is killed; a job that is lost is told."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Failed, FailureCause, Running, Succeeded
from mlops_ci.runtime import jobfolder
from tests.adapters.local.workplace import HELLO, trainer, training
from tests.contracts.jobs import ended


def wait(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.01)


@pytest.mark.parametrize("key", ["", "../outside", ".hidden", "a/b", "a" * 201])
def test_a_key_that_is_no_folders_name_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ProviderError):
        trainer(tmp_path, HELLO).submit(training(HELLO), key=key)


def test_of_many_who_submit_one_key_at_once_exactly_one_starts_it(tmp_path: Path) -> None:
    script = HELLO + f"; open({str(tmp_path / 'marks')!r}, 'a').write('started\\n')"
    jobs = trainer(tmp_path, script)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: jobs.submit(training(script), key="race-1"), range(8)))
    assert isinstance(ended(jobs, "race-1"), Succeeded)
    assert (tmp_path / "marks").read_text() == "started\n"
    assert list((tmp_path / "jobs" / ".staging").iterdir()) == []


def test_a_job_whose_claimant_died_before_starting_it_is_started_by_the_next(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, HELLO)
    jobs.submit(training(HELLO), key="whole-1")
    ended(jobs, "whole-1")
    # What such a claimant leaves: the folder with its name, and no runner.
    shutil.copytree(tmp_path / "jobs" / "whole-1", tmp_path / "jobs" / "k-1")
    for name in ("runner.json", "runner.lock", "exit.json", "log", "runner.log"):
        (tmp_path / "jobs" / "k-1" / name).unlink()
    assert jobs.status("k-1") is None
    jobs.submit(training(HELLO), key="k-1")
    assert jobs.status("k-1") is not None
    wait((tmp_path / "jobs" / "k-1" / "exit.json").exists)


def test_what_a_killed_claimant_left_half_made_is_swept_up(tmp_path: Path) -> None:
    says = [sys.executable, "-c", "from mlops_ci.adapters.drafts import signed; print(signed())"]
    killed = subprocess.run(says, capture_output=True, text=True, check=True).stdout.strip()
    left = tmp_path / "jobs" / ".staging" / f"{killed}abc"
    left.mkdir(parents=True)
    jobs = trainer(tmp_path, HELLO)
    jobs.submit(training(HELLO), key="k-1")
    assert not left.exists()
    ended(jobs, "k-1")


def test_a_job_goes_on_when_its_submitter_is_killed_and_another_process_adopts_it(tmp_path: Path) -> None:
    script = """
import os, time
print("waiting", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
open(os.environ["SM_MODEL_DIR"] + "/model", "w").write("m")
"""
    job = f"training({script!r}, environment=(('GO', {str(tmp_path / 'go')!r}),))"
    submitter = f"""
import os, signal
from pathlib import Path
from tests.adapters.local.workplace import trainer, training
trainer(Path({str(tmp_path)!r}), {script!r}).submit({job}, key="k-1")
os.killpg(0, signal.SIGKILL)
"""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", submitter], cwd=root, start_new_session=True, check=False)
    assert done.returncode == -signal.SIGKILL
    jobs = trainer(tmp_path, script)
    assert isinstance(jobs.status("k-1"), Running)
    jobs.submit(training(script), key="k-1")
    (tmp_path / "go").touch()
    assert isinstance(ended(jobs, "k-1"), Succeeded)
    assert list(jobs.logs("k-1", start=0)).count("waiting") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="what left the group is found by /proc")
def test_a_job_whose_runner_was_killed_is_lost_and_nothing_of_it_runs_on(tmp_path: Path) -> None:
    script = """
import os, time
if not os.fork():
    os.setsid()
os.write(1, b"pid %d\\n" % os.getpid())
time.sleep(600)
"""
    jobs = trainer(tmp_path, script)
    jobs.submit(training(script), key="k-1")
    wait(lambda: sum("pid" in line for line in jobs.logs("k-1", start=0)) == 2)
    family = [int(line.split()[1]) for line in jobs.logs("k-1", start=0) if line.startswith("pid")]
    runner = jobfolder.read_json(tmp_path / "jobs" / "k-1" / "runner.json")
    assert runner
    os.kill(runner["pid"], signal.SIGKILL)
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.LOST
    assert str(runner["pid"]) in found.detail
    wait(
        lambda: (
            not any(
                Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family
            )
        )
    )
    assert [output.name for output in jobs.collect("k-1").artifacts] == ["log"]
    assert jobs.status("k-1") == found


def test_a_pid_that_is_used_again_is_not_taken_for_the_runner(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, HELLO)
    jobs.submit(training(HELLO), key="k-1")
    ended(jobs, "k-1")
    folder = tmp_path / "jobs" / "k-1"
    runner = jobfolder.read_json(folder / "runner.json")
    assert runner
    (folder / "exit.json").unlink()
    for change in ({"pid": os.getpid()}, {"pid": os.getpid(), "boot": "another"}):
        jobfolder.write_json(folder / "runner.json", runner | change)
        found = jobs.status("k-1")
        assert isinstance(found, Failed)
        assert found.cause is FailureCause.LOST


def test_a_runner_that_failed_itself_says_why(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, HELLO)
    jobs.submit(training(HELLO), key="whole-1")
    ended(jobs, "whole-1")
    folder = tmp_path / "jobs" / "k-1"
    shutil.copytree(tmp_path / "jobs" / "whole-1", folder)
    for name in ("runner.json", "exit.json"):
        (folder / name).unlink()
    jobfolder.write_json(folder / "job.json", {"about": {"products": [], "image": None}})
    jobs.submit(training(HELLO), key="k-1")
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.LOST
    assert "KeyError" in found.detail
