"""Two commands in one checkout: the second waits and says for whom; whoever only reads waits for nobody."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.slow import slow, starts, until
from tests.e2e.tiny import TRAINED, Done, Tiny

pytestmark = pytest.mark.e2e

READERS = ("plan", "status", "leaderboard", "history", "validate")


@pytest.fixture
def held(tiny: Tiny, tmp_path: Path) -> Iterator[tuple[Tiny, subprocess.Popen[str], Path]]:
    """A project that a run works on until the file `go` is beside the mark."""
    mark = tmp_path / "mark"
    slow(tiny, mark)
    tiny.replace("model.yaml", tiny.read("model.yaml"), TRAINED)
    tiny.push("it serves nowhere")
    running = tiny.start("run")
    until(lambda: starts(mark) == ["0.2", "0.45"])
    yield tiny, running, mark
    (tmp_path / "go").touch()
    running.communicate(timeout=120)


def bounded(tiny: Tiny, *arguments: str) -> Done:
    """Return the finished command of somebody whom file permissions bind."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("bounded.py")), "-C", str(tiny.folder), *arguments],
        env=tiny.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def test_a_second_run_waits_says_for_whom_and_does_nothing_twice(
    held: tuple[Tiny, subprocess.Popen[str], Path],
) -> None:
    tiny, running, mark = held
    late = tiny.run("run", "--lock-timeout", "0", code=75)
    assert f"`mlops-ci run` (pid {running.pid}, since " in late.err
    assert "--lock-timeout" in late.err
    second = tiny.start("run")
    assert second.stderr
    assert second.stderr.readline().startswith(f"waiting for tiny: `mlops-ci run` (pid {running.pid}, since ")
    mark.with_name("go").touch()
    out, err = second.communicate(timeout=120)
    assert second.returncode == 0, err
    assert "tiny was worked on by another command: planned anew, nothing is left to do" in err
    assert "plan: nothing to do" in out
    assert running.wait(timeout=120) == 0
    assert starts(mark) == ["0.2", "0.45"]
    assert tiny.git("log", "--format=%s", "origin/main").count("Promote tiny") == 1


def test_the_lock_of_a_killed_run_is_free_at_once(held: tuple[Tiny, subprocess.Popen[str], Path]) -> None:
    tiny, running, mark = held
    running.send_signal(signal.SIGKILL)
    running.wait()
    mark.with_name("go").touch()
    done = tiny.run("run", "--lock-timeout", "0")
    assert "waiting" not in done.err
    assert starts(mark) == ["0.2", "0.45"]


def test_readers_wait_for_nobody_and_touch_no_lock(held: tuple[Tiny, subprocess.Popen[str], Path]) -> None:
    tiny, _, _ = held
    locks = tiny.folder / ".mlops-ci/locks"
    before = [(path.name, path.stat().st_mtime_ns, path.read_bytes()) for path in locks.iterdir()]
    for verb in READERS:
        began = time.monotonic()
        assert "waiting" not in tiny.run(verb).err
        assert time.monotonic() - began < 30  # a wait would be of ten minutes; this machine may be busy
    assert [(path.name, path.stat().st_mtime_ns, path.read_bytes()) for path in locks.iterdir()] == before


def test_readers_work_in_a_checkout_that_nobody_may_write(tiny: Tiny) -> None:
    tiny.write("model.yaml", TRAINED)
    tiny.push("it serves nowhere")
    tiny.run("run")
    places = [tiny.folder, *tiny.folder.rglob("*")]
    modes = {place: place.stat().st_mode for place in places if not place.is_symlink()}
    try:
        for place, mode in modes.items():
            place.chmod(mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
        for verb in READERS:
            done = bounded(tiny, verb)
            assert done.code == 0, done.err
            assert "warning[no-lock]" not in done.err
        assert "nothing to do" in bounded(tiny, "plan").out
    finally:
        for place, mode in modes.items():
            place.chmod(mode)
