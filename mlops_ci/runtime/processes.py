"""A process and all that came out of it, also what took a session of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Make this process the parent of any descendant whose parent ends (Linux); so none gets out of sight."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, however that ends (Linux)."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def descendants(root: int) -> tuple[int, ...]:
    """Return the pids of all that came out of a process and still runs, parents first."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found: list[int] = []
    level = [root]
    while level:
        level = [child for pid in level for child in children.get(pid, ())]
        found += level
    return tuple(found)


def signal_all(leader: int, number: signal.Signals) -> None:
    """Send a signal to a leader's process group and to every descendant of this process, wherever it went."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
    for pid in descendants(os.getpid()):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def kill_all(leader: int, *, patience: float = 5.0) -> None:
    """Kill a leader's group and every descendant of this process, those too that are born meanwhile.

    Children are reaped, so afterwards none is left but what the kernel itself holds for longer than `patience` seconds.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:  # who has no child has no descendant: looking at every process is spared
            return
        signal_all(leader, signal.SIGKILL)
        time.sleep(0.005)


def kill_marked(mark: str) -> None:
    """Kill every process that has `mark`, a `NAME=value`, in its environment: what outlived a runner (Linux)."""
    wanted = mark.encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)


def _parents() -> list[tuple[int, int]]:
    """Return (pid, parent) of every process that runs."""
    if sys.platform != "linux":
        said = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
        return [(int(pid), int(parent)) for pid, parent in (line.split() for line in said.splitlines())]
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = (folder / "stat").read_bytes()
            state, parent = stat[stat.rindex(b")") + 2 :].split(maxsplit=2)[:2]
            if state not in {b"Z", b"X"}:
                found.append((int(folder.name), int(parent)))
    return found


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
