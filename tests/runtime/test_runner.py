"""The job runner: real processes, and what they leave behind in a job's folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.runtime import jobfolder
from tests.runtime.jobs import RUNNER, ended, job, run, start, text


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
