"""Waiting for a job: its output is read, its time is counted, and wishes to end it are heard."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.runtime import jobfolder
from mlops_ci.runtime.bounded import BoundedLog
from mlops_ci.runtime.processes import kill_all, signal_all
from mlops_ci.runtime.scraping import Scraper

_CHUNK = 1 << 20
_LOOK = 0.2
"""Seconds between two looks for a wish to stop."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: exit code (negative: the signal), our reason to end it (`stop`, `max_runtime` or none),
    wall time in seconds, and the largest resident memory of it or a process it waited for, in bytes.
    """

    code: int
    reason: str
    seconds: float
    peak: int


def watch(
    process: subprocess.Popen[bytes],
    folder: Path,
    log: BoundedLog,
    scraper: Scraper,
    *,
    max_runtime: float,
    grace: float,
) -> Ending:
    """Return how the process ended; by then everything that came out of it has ended too.

    After `max_runtime` seconds, or once somebody asks, everything gets SIGTERM, and SIGKILL `grace` seconds later.
    """
    began = time.monotonic()
    reason, kill_at, next_look = "", float("inf"), 0.0
    assert process.stdout is not None  # noqa: S101 - it was started with a pipe
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _CHUNK)
    with _signals() as (wakeup, asked):
        sources = [pipe, wakeup]
        while True:
            ready, _, _ = select.select(sources, [], [], min(_LOOK, max(kill_at - time.monotonic(), 0)))
            if pipe in ready and not _drain(pipe, log, scraper):
                sources.remove(pipe)
            if wakeup in ready:
                os.read(wakeup, 4096)
            ended = _reaped(process.pid)
            now = time.monotonic()
            if ended is not None:
                break
            if not reason and now >= next_look:
                next_look = now + _LOOK
                if asked or (folder / jobfolder.STOP).exists():
                    reason = "stop"
                elif now - began > max_runtime:
                    reason = "max_runtime"
                if reason:
                    kill_at = now + grace
                    signal_all(process.pid, signal.SIGTERM)
            if now >= kill_at:
                signal_all(process.pid, signal.SIGKILL)
    kill_all(process.pid)
    process.returncode, peak = ended
    while pipe in sources and _drain(pipe, log, scraper):
        if not select.select([pipe], [], [], 0)[0]:
            break
    process.stdout.close()
    return Ending(process.returncode, reason, now - began, peak)


def _drain(pipe: int, log: BoundedLog, scraper: Scraper) -> bool:
    """Move what is there from the pipe to the log; return whether more may come."""
    try:
        data = os.read(pipe, _CHUNK)
    except BlockingIOError:
        return True
    log.write(data)
    scraper.feed(data)
    return bool(data)


def _reaped(leader: int) -> tuple[int, int] | None:
    """Return (exit code, peak bytes) of the leader once it has ended. Orphans that ended are reaped on the way."""
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if pid == leader:
            unit = 1 if sys.platform == "darwin" else 1024
            return os.waitstatus_to_exitcode(status), usage.ru_maxrss * unit
        if not pid:
            return None


@contextmanager
def _signals() -> Iterator[tuple[int, list[int]]]:
    """Give a descriptor that can be read when a child ended or somebody asks this process to end, and who asked."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    asked: list[int] = []
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: asked.append(number))
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield reader, asked
    finally:
        signal.set_wakeup_fd(before)
        os.close(reader)
        os.close(writer)
