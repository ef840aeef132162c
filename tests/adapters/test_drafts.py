"""What is half made says who makes it: what a killed maker left is removed, and nobody else's is touched."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from mlops_ci.adapters.drafts import signed, sweep

MAKER = "from mlops_ci.adapters.drafts import signed; print(signed('.made-'), flush=True); input()"


def maker() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", MAKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def name_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip() + "abc"


def test_a_draft_stays_while_its_maker_runs_and_goes_when_it_was_killed(tmp_path: Path) -> None:
    with maker() as process:
        name = name_of(process)
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").write_text("half")
        sweep(tmp_path, ".made-")
        assert (tmp_path / name / "half").exists()
        process.kill()
        process.wait()
        sweep(tmp_path, ".made-")
        assert list(tmp_path.iterdir()) == []


def test_a_file_is_swept_like_a_folder_and_our_own_drafts_are_left_alone(tmp_path: Path) -> None:
    with maker() as process:
        name = name_of(process)
        process.kill()
    (tmp_path / name).write_text("half")
    (tmp_path / f"{signed('.made-')}abc").write_text("mine")
    (tmp_path / "model").write_text("no draft")
    sweep(tmp_path, ".made-")
    assert {path.name for path in tmp_path.iterdir()} == {f"{signed('.made-')}abc", "model"}


def test_the_draft_of_another_machine_is_left_alone_for_a_day(tmp_path: Path) -> None:
    foreign = tmp_path / ".made-1-17-0badc0de-abc"
    foreign.mkdir()
    sweep(tmp_path, ".made-")
    assert foreign.exists()
    long_ago = time.time() - 25 * 3600
    os.utime(foreign, (long_ago, long_ago))
    sweep(tmp_path, ".made-")
    assert not foreign.exists()


def test_sweeping_a_folder_that_is_not_there_does_nothing(tmp_path: Path) -> None:
    sweep(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
