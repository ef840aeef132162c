"""How the runner ends a job: with its children and grandchildren, in its grace, and when it is killed itself."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from mlops_ci.runtime import jobfolder
from tests.runtime.jobs import ended, is_alive, job, run, start, text, wait


def pids(path: Path, count: int) -> list[int]:
    wait(lambda: path.exists() and path.read_text().count("\n") >= count)
    return [int(line) for line in path.read_text().split()]


FAMILY = """
import os, signal, sys, time
def tell():
    with open("pids", "a") as stream:
        print(os.getpid(), file=stream)
if not os.fork():
    if not os.fork():
        os.setsid()
        if not os.fork():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            tell()
            time.sleep(600)
        tell()
        os._exit(0)
    tell()
    time.sleep(600)
tell()
"""
"""A parent, a child, and a grandchild that left the session, lost its parent and ignores SIGTERM."""


def test_max_runtime_ends_children_and_grandchildren_wherever_they_went(tmp_path: Path) -> None:
    folder = job(tmp_path / "job", FAMILY + "time.sleep(600)", max_runtime=1.5, stop_grace=0.3)
    start(folder)
    family = pids(folder / "pids", 4)
    found = ended(folder)
    assert (found["outcome"], found["cause"]) == ("failed", "max_runtime")
    assert "1.5 s" in found["detail"]
    wait(lambda: not any(map(is_alive, family)))


def test_a_stop_file_stops_the_whole_family(tmp_path: Path) -> None:
    folder = job(tmp_path / "job", FAMILY + "time.sleep(600)")
    start(folder)
    family = pids(folder / "pids", 4)
    (folder / "stop").touch()
    assert ended(folder)["outcome"] == "stopped"
    wait(lambda: not any(map(is_alive, family)))


def test_a_job_may_use_its_grace_to_end_well(tmp_path: Path) -> None:
    script = """
import signal, sys, time
def leave(*_):
    print("saved", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("ready", flush=True)
time.sleep(600)
"""
    folder = job(tmp_path / "job", script)
    start(folder)
    wait(lambda: "ready" in text(folder))
    (folder / "stop").touch()
    assert ended(folder)["outcome"] == "stopped"
    assert "saved" in text(folder)


def test_a_job_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    script = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""
    folder = job(tmp_path / "job", script, stop_grace=0.3)
    start(folder)
    wait(lambda: "ready" in text(folder))
    (folder / "stop").touch()
    assert ended(folder)["outcome"] == "stopped"


def test_what_a_job_leaves_running_ends_with_it(tmp_path: Path) -> None:
    found = run(tmp_path / "job", FAMILY + "sys.exit(0)")
    assert found["outcome"] == "succeeded"
    wait(lambda: not any(map(is_alive, pids(tmp_path / "job" / "pids", 2))))


def test_a_killed_runner_takes_its_job_with_it_and_is_known_to_be_dead(tmp_path: Path) -> None:
    folder = job(
        tmp_path / "job", "import os, time; print(os.getpid(), file=open('pids', 'w'), flush=True); time.sleep(600)"
    )
    start(folder)
    [child] = pids(folder / "pids", 1)
    os.kill((jobfolder.read_json(folder / "runner.json") or {})["pid"], signal.SIGKILL)
    wait(lambda: not jobfolder.is_running(folder))
    assert not (folder / "exit.json").exists()
    if sys.platform == "linux":
        wait(lambda: not is_alive(child))
