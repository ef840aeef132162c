"""The job runner: real processes, and what they leave behind in a job's folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.runtime import jobfolder
from mlops_ci.runtime.bounded import read_log

RUNNER = [sys.executable, "-P", "-m", "mlops_ci.runtime.runner"]


def job(folder: Path, script: str, **changes: object) -> Path:
    """Return a claimed job folder whose job is a Python script."""
    (folder / "ml" / "output").mkdir(parents=True)
    spec = {
        "command": [sys.executable, "-u", "-c", script],
        "cwd": str(folder),
        "contract": {"ML": "/opt/ml", "OUT": "/opt/ml/output"},
        "environment": {"PATH": os.defpath, "MARK": str(folder)},
        "own_opt_ml": False,
        "max_runtime": 60,
        "stop_grace": 20,
        "metrics": [],
        "must_make": [],
        "greeting": "hello",
    }
    jobfolder.write_json(folder / "job.json", spec | changes)
    return folder


def start(folder: Path) -> None:
    subprocess.run([*RUNNER, folder], check=True)


def wait(condition: Callable[[], object], *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.01)


def ended(folder: Path) -> dict[str, Any]:
    wait((folder / "exit.json").exists)
    return jobfolder.read_json(folder / "exit.json") or {}


def run(folder: Path, script: str, **changes: object) -> dict[str, Any]:
    start(job(folder, script, **changes))
    return ended(folder)


def text(folder: Path) -> str:
    return b"".join(read_log(folder)).decode()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc/self").exists() else True


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


def test_a_job_that_ends_well_tells_its_time_and_memory(tmp_path: Path) -> None:
    found = run(tmp_path / "job", "print('done')")
    assert (found["outcome"], found["code"], found["cause"]) == ("succeeded", 0, "")
    assert found["started_at"] <= found["ended_at"]
    assert found["seconds"] >= 0
    assert found["peak_bytes"] > 1_000_000
    assert "done\n" in text(tmp_path / "job")


def test_the_first_line_of_the_log_is_ours_and_says_so(tmp_path: Path) -> None:
    run(tmp_path / "job", "print('theirs')")
    assert text(tmp_path / "job").splitlines()[0] == "mlops-ci: hello"


def test_a_failed_job_says_its_last_line_and_exit_code(tmp_path: Path) -> None:
    found = run(tmp_path / "job", "import sys; print('no such column'); print('  '); sys.exit(3)")
    assert (found["outcome"], found["cause"]) == ("failed", "exit")
    assert found["detail"] == "no such column (exit code 3)"


def test_a_failed_job_that_prints_nothing_says_its_exit_code(tmp_path: Path) -> None:
    assert run(tmp_path / "job", "import sys; sys.exit(3)")["detail"] == "exit code 3"


def test_a_failed_jobs_own_words_come_first_and_are_cut(tmp_path: Path) -> None:
    script = "import os; open(os.environ['OUT'] + '/failure', 'w').write('bad\\nday' + 'x' * 5000); print('noise'); 1/0"
    detail = run(tmp_path / "job", script)["detail"]
    assert detail == "bad day" + "x" * (1024 - 7) + " (exit code 1)"


def test_a_job_that_crashes_says_by_which_signal(tmp_path: Path) -> None:
    found = run(tmp_path / "job", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert found["cause"] == "exit"
    assert "killed by SIGSEGV" in found["detail"]


def test_a_sigkill_that_is_not_ours_counts_as_out_of_memory_with_the_peak(tmp_path: Path) -> None:
    found = run(tmp_path / "job", "import os, signal; b = b'x' * 50_000_000; os.kill(os.getpid(), signal.SIGKILL)")
    assert found["cause"] == "out_of_memory"
    assert found["peak_bytes"] > 50_000_000
    assert f"peak memory {found['peak_bytes'] / 2**20:.0f} MiB" in found["detail"]


def test_a_command_that_does_not_exist_fails_for_its_environment(tmp_path: Path) -> None:
    found = run(tmp_path / "job", "", command=["/nowhere/python"])
    assert (found["outcome"], found["cause"]) == ("failed", "environment")
    assert "/nowhere/python" in found["detail"]


def test_an_output_that_is_missing_or_empty_fails_the_job(tmp_path: Path) -> None:
    found = run(tmp_path / "job", "", must_make=["ml/output", "rows"])
    assert (found["outcome"], found["cause"]) == ("failed", "output")
    assert "`/opt/ml/output`" in found["detail"]
    assert "`rows`" in found["detail"]


def test_without_its_own_opt_ml_the_contracts_paths_are_the_folders(tmp_path: Path) -> None:
    script = "import os, sys; print(os.environ['ML'], os.environ['OUT'], sys.argv[1], sys.argv[2])"
    command = [sys.executable, "-c", script, "/opt/ml/model", "/opt/mlx"]
    run(tmp_path / "job", "", command=command)
    ml = tmp_path / "job" / "ml"
    assert f"{ml} {ml}/output {ml}/model /opt/mlx" in text(tmp_path / "job")


def test_metrics_are_read_while_the_log_is_written(tmp_path: Path) -> None:
    script = "print('loss=0.5; acc=0.1'); print('loss=0.25; acc=nan'); print('tail')"
    metrics = [
        ["loss", r"loss=([0-9.]+)"],
        ["acc", r"acc=(\S+)"],
        ["bad", "("],
        ["none", "nothing=(.)"],
        ["groupless", "loss"],
    ]
    found = run(tmp_path / "job", script, metrics=metrics)
    assert found["outcome"] == "succeeded"
    assert dict(found["metrics"]) == {"loss": 0.25, "acc": 0.1}
    assert "metric `bad`" in text(tmp_path / "job")


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


def test_a_job_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    found = run(tmp_path / "job", "import os, time; os.close(1); os.close(2); time.sleep(0.3); os._exit(4)")
    assert found["code"] == 4


def test_many_runners_started_for_one_folder_run_the_job_once(tmp_path: Path) -> None:
    folder = job(tmp_path / "job", "open('marks', 'a').write('x')")
    runners = [subprocess.Popen([*RUNNER, folder]) for _ in range(6)]
    assert [runner.wait() for runner in runners] == [0] * 6
    assert ended(folder)["outcome"] == "succeeded"
    start(folder)
    assert (folder / "marks").read_text() == "x"


def test_a_runner_says_who_it_is_before_its_command_returns(tmp_path: Path) -> None:
    folder = job(tmp_path / "job", "import time; time.sleep(600)")
    start(folder)
    assert jobfolder.is_running(folder)
    (folder / "stop").touch()
    ended(folder)


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


def test_a_runner_without_a_job_says_why_it_cannot_begin(tmp_path: Path) -> None:
    done = subprocess.run([*RUNNER, tmp_path / "absent"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "absent" in done.stderr


def test_a_runner_holds_nothing_of_whoever_started_it(tmp_path: Path) -> None:
    folder = job(tmp_path / "job", "import time; time.sleep(600)")
    done = subprocess.run([*RUNNER, folder], capture_output=True, check=True, timeout=20)
    assert done.stdout == done.stderr == b""  # the pipes reached their end while the job runs
    (folder / "stop").touch()
    ended(folder)


def test_the_environment_is_exactly_the_one_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    run(tmp_path / "job", "import os; print(sorted(os.environ))")
    assert "['LC_CTYPE', 'MARK', 'ML', 'OUT', 'PATH']" in text(tmp_path / "job")


def test_much_output_is_kept_from_both_ends_and_slows_nobody_down(tmp_path: Path) -> None:
    script = """
import sys
print("first")
for n in range(64):
    sys.stdout.write(("x" * 99 + "\\n") * 10_486)
print("loss=3")
print("last")
"""
    found = run(tmp_path / "job", script, metrics=[["loss", r"loss=(\d+)"]])
    log = text(tmp_path / "job")
    assert found["outcome"] == "succeeded"
    assert dict(found["metrics"]) == {"loss": 3.0}
    assert log.splitlines()[2] == "first"
    assert log.endswith("last\n")
    assert "bytes left out" in log
    assert len(log) < 17 * 2**20
    assert sum(path.stat().st_size for path in (tmp_path / "job").glob("log*")) < 25 * 2**20
