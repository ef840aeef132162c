"""Killed at a boundary or inside a job, and run again: the same end, and nothing that finished is trained twice.

These are samples; `tests/soak` goes through every boundary.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.runtime.identity import identify
from tests.e2e.slow import is_alive, slow, starts, until
from tests.e2e.tiny import Tiny
from tests.faults.dying import runners
from tests.faults.trial import UNDISTURBED, Fate, end_of, recovered

pytestmark = pytest.mark.e2e

ONCE = ["end 0.2", "end 0.45", "start 0.2", "start 0.45"]

SAMPLE = (
    Fate("git push", "group", "after"),  # the promotion lands, and nobody records it
    Fate("merge --ff-only", "us", "before"),  # it landed on the remote, and not here
    Fate("deployments~production", "group", "before"),  # production serves, and nobody records it
)


@pytest.mark.parametrize("fate", SAMPLE, ids=str)
def test_a_killed_run_ends_as_one_that_was_not_when_it_is_run_again(tmp_path: Path, fate: Fate) -> None:
    tiny, first, _, said = recovered(tmp_path / "p", fate)
    try:
        assert first.code == -signal.SIGKILL
        assert sorted(said) == ONCE
        assert end_of(tiny) == UNDISTURBED
    finally:
        tiny.end()


def begun(tiny: Tiny, mark: Path) -> subprocess.Popen[str]:
    """Return a run in a group of its own, one of whose two trainings is under way and the other done."""
    slow(tiny, mark)
    running = subprocess.Popen(
        [sys.executable, "-m", "mlops_ci", "-C", str(tiny.folder), "run"],
        env=tiny.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    until(lambda: starts(mark) == ["0.2", "0.45"])
    until(lambda: any((tiny.folder / ".mlops-ci/store/records/tiny").glob("evaluations~*")))
    return running


def test_a_runner_killed_inside_its_job_loses_that_job_alone(tiny: Tiny, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    running = begun(tiny, mark)
    for pid in runners(str(tiny.folder)):
        os.kill(pid, signal.SIGKILL)
    _, err = running.communicate(timeout=120)
    assert running.returncode == 69, err
    assert "disappeared: it was killed, or the machine was restarted" in err
    until(lambda: not is_alive(int((tmp_path / "pid-0.45").read_text())))
    (tmp_path / "go").touch()
    tiny.run("run")
    assert starts(mark) == ["0.2", "0.45", "0.45"]
    assert tiny.changes() == []


def test_after_a_restart_of_the_machine_the_run_goes_on_and_what_finished_stays(tiny: Tiny, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    running = begun(tiny, mark)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    for pid in (*runners(str(tiny.folder)), int((tmp_path / "pid-0.45").read_text())):
        os.kill(pid, signal.SIGKILL)
    # The machine starts again: another boot id, and the runner's pid and start time are those of somebody else.
    (job,) = (p for p in (tiny.folder / ".mlops-ci/jobs").glob("training-*") if not (p / "exit.json").exists())
    somebody = identify(os.getpid())
    assert somebody
    about = json.loads((job / "runner.json").read_text())
    about |= {"pid": somebody.pid, "started": somebody.started, "boot": "another"}
    (job / "runner.json").write_text(json.dumps(about))
    (tmp_path / "go").touch()
    tiny.run("run")
    assert starts(mark) == ["0.2", "0.45", "0.45"]
    assert tiny.changes() == []
    assert tiny.ask("production")[2] == "tiny/v1"
