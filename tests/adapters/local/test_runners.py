"""Runners that one process starts for a command: they are their own, whatever becomes of it and of the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlops_ci.adapters.local.runners import Runners
from mlops_ci.errors import ProviderError
from mlops_ci.runtime import jobfolder
from tests.runtime.jobs import ended, is_alive, job, text, wait

SLEEPING = "import time; time.sleep(600)"


def runner_of(folder: Path) -> int:
    pid: int = (jobfolder.read_json(folder / "runner.json") or {})["pid"]
    return pid


def parent_of(pid: int) -> int:
    return int(subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, check=True).stdout)


def stop(*folders: Path) -> None:
    for folder in folders:
        (folder / "stop").touch()
    for folder in folders:
        ended(folder)


def test_the_runners_of_one_command_come_from_one_process_and_are_sessions_of_their_own(tmp_path: Path) -> None:
    runners = Runners()
    folders = [job(tmp_path / name, SLEEPING) for name in ("a", "b", "c")]
    for folder in folders:
        runners.begin(folder)
    pids = [runner_of(folder) for folder in folders]
    assert len({parent_of(pid) for pid in pids}) == 1
    assert len({os.getsid(pid) for pid in pids} | {os.getsid(0)}) == 4
    assert all(jobfolder.is_running(folder) for folder in folders)
    stop(*folders)


def test_what_starts_runners_ends_with_the_command_and_the_runners_do_not(tmp_path: Path) -> None:
    folder = job(tmp_path / "job", "import time; time.sleep(1); print('to the end')")
    command = """
import os, sys
from pathlib import Path
from mlops_ci.adapters.local.runners import Runners
runners = Runners()
runners.begin(Path(sys.argv[1]))
print("begun", flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", command, folder], capture_output=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (b"begun\n", b"", -signal.SIGKILL)
    starter = parent_of(runner_of(folder))
    assert ended(folder)["outcome"] == "succeeded"
    assert "to the end" in text(folder)
    wait(lambda: starter == 1 or not is_alive(starter))


def test_a_runner_that_is_killed_takes_no_other_with_it(tmp_path: Path) -> None:
    runners = Runners()
    first, second = job(tmp_path / "first", SLEEPING), job(tmp_path / "second", SLEEPING)
    runners.begin(first)
    runners.begin(second)
    os.kill(runner_of(first), signal.SIGKILL)
    wait(lambda: not jobfolder.is_running(first))
    assert jobfolder.is_running(second)
    third = job(tmp_path / "third", "")
    runners.begin(third)
    assert ended(third)["outcome"] == "succeeded"
    stop(second)


def test_where_what_starts_runners_was_killed_they_begin_all_the_same(tmp_path: Path) -> None:
    runners = Runners()
    first = job(tmp_path / "first", SLEEPING)
    runners.begin(first)
    starter = parent_of(runner_of(first))
    os.kill(starter, signal.SIGKILL)
    wait(lambda: not is_alive(starter))
    assert jobfolder.is_running(first)
    for name in ("second", "third"):
        folder = job(tmp_path / name, "")
        runners.begin(folder)
        assert ended(folder)["outcome"] == "succeeded"
    stop(first)


def test_a_folder_in_which_none_can_begin_is_told_with_the_reason_and_the_next_begins(tmp_path: Path) -> None:
    runners = Runners()
    with pytest.raises(ProviderError, match=r"no runner began in .*absent") as told:
        runners.begin(tmp_path / "absent")
    assert "FileNotFoundError" in told.value.summary
    folder = job(tmp_path / "job", "")
    runners.begin(folder)
    assert ended(folder)["outcome"] == "succeeded"


def test_two_that_begin_in_one_folder_run_its_job_once(tmp_path: Path) -> None:
    folder = job(tmp_path / "job", "open('marks', 'a').write('x')")
    runners, others = Runners(), Runners()
    runners.begin(folder)
    others.begin(folder)
    ended(folder)
    runners.begin(folder)
    assert (folder / "marks").read_text() == "x"


def test_a_pause_ends_with_the_job_and_else_takes_its_time(tmp_path: Path) -> None:
    runners = Runners()
    began = time.monotonic()
    runners.pause(0.05)
    assert time.monotonic() - began >= 0.05
    runners.begin(job(tmp_path / "job", "import time; time.sleep(0.3)"))
    runners.pause(0.01)
    assert not (tmp_path / "job" / "exit.json").exists()
    runners.pause(60)
    assert (tmp_path / "job" / "exit.json").exists()
    assert time.monotonic() - began < 30
    began = time.monotonic()
    runners.pause(0.05)  # of that job there is nothing to wait for any more
    assert time.monotonic() - began >= 0.05


def test_nothing_of_a_command_stays_open_in_the_jobs_that_it_began(tmp_path: Path) -> None:
    script = "import os; print(sorted(int(name) for name in os.listdir('/proc/self/fd'))[:-1])"
    if not Path("/proc/self/fd").exists():
        script = "print([0, 1, 2])"
    folder = job(tmp_path / "job", script)
    Runners().begin(folder)
    ended(folder)
    assert text(folder).splitlines()[-1] == "[0, 1, 2]"
