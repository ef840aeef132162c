"""Locks as files: they die with their process, and where none can be held, that is said."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.files.clock import SystemClock
from mlops_ci.adapters.local.locks import FileLocks
from mlops_ci.ports.locks import Busy, Holder, Taken, Unguarded
from tests.contracts.locks import LATER, LocksContract, Opened

HOLD = """
import sys
from pathlib import Path
from mlops_ci.adapters.files.clock import SystemClock
from mlops_ci.adapters.local.locks import FileLocks
FileLocks(Path(sys.argv[1]), "run", SystemClock()).take("churn", since="")
print("held", flush=True)
input()
"""


class TestFileLocks(LocksContract):
    @pytest.fixture
    def opened(self, tmp_path: Path) -> Opened:
        return lambda verb: FileLocks(tmp_path / "locks", verb, SystemClock())


def locks(folder: Path) -> FileLocks:
    return FileLocks(folder / "locks", "run", SystemClock())


def test_a_lock_dies_with_its_process_and_what_it_did_last_is_unknown(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "locks")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        busy = locks(tmp_path).take("churn", since=LATER)
        assert isinstance(busy, Busy)
        assert busy.holder
        assert busy.holder.pid == holder.pid
        holder.kill()
        holder.wait()
        assert locks(tmp_path).take("churn", since=LATER) == Taken(was_used=True)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"pid": "x"}', b"\xff" * 5000])
def test_a_lock_file_that_says_nothing_sensible_locks_all_the_same(tmp_path: Path, content: bytes) -> None:
    one = locks(tmp_path)
    one.take("churn", since=LATER)
    (tmp_path / "locks/churn.lock").write_bytes(content)
    assert locks(tmp_path).take("churn", since=LATER) == Busy(None)


def test_who_holds_it_on_another_machine_is_told_with_its_name(tmp_path: Path) -> None:
    one = locks(tmp_path)
    one.take("churn", since=LATER)
    text = (tmp_path / "locks/churn.lock").read_text()
    (tmp_path / "locks/churn.lock").write_text(text.replace(os.uname().nodename, "elsewhere"))
    busy = locks(tmp_path).take("churn", since=LATER)
    assert isinstance(busy, Busy)
    assert busy.holder
    assert busy.holder.sentence.startswith(f"`mlops-ci run` (on elsewhere, pid {os.getpid()}, since ")


def test_a_holder_is_told_in_one_sentence() -> None:
    assert Holder("run", 4711, "", "2026-01-01T10:31:02.123Z").sentence == (
        "`mlops-ci run` (pid 4711, since 10:31:02 UTC)"
    )


def test_a_folder_that_takes_no_file_is_no_error_but_said(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file stands here")
    said = locks(tmp_path).take("churn", since=LATER)
    assert isinstance(said, Unguarded)
    assert os.strerror(errno.EEXIST) in said.reason or os.strerror(errno.ENOTDIR) in said.reason


def test_a_file_system_without_locks_is_no_error_but_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(_handle: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", no_locks)
    said = locks(tmp_path).take("churn", since=LATER)
    assert said == Unguarded(f"`{tmp_path}/locks/churn.lock`: No locks available")
