"""The process that outlives whoever submitted a job: `python -m mlops_ci.runtime.runner FOLDER`.

The command returns when a runner of that folder has begun, be it this one or another's: of many that are started
for one folder, the one that gets the lock runs the job, once. Standard output and error are let go of, so nobody waits
for a runner by accident.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from pathlib import Path
from typing import NoReturn

from mlops_ci.runtime import jobfolder
from mlops_ci.runtime.execution import execute
from mlops_ci.runtime.identity import identify

_PATIENCE = 30.0
"""Seconds that another's runner has to say who it is."""


def main(arguments: list[str]) -> int:  # noqa: RET503 - `run` never returns
    """Return 0 when a runner has begun; 1, with the reason on standard error, when none could."""
    folder = Path(arguments[0]).resolve()
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        with os.fdopen(reader, "rb") as said:
            reason = said.read().decode(errors="replace")
        if reason:
            sys.stderr.write(reason)
        return 1 if reason else 0
    os.close(reader)
    run(folder, writer)


def run(folder: Path, writer: int) -> NoReturn:
    """Be the runner of a folder, if no other is, and end with its job.

    `writer` is a pipe, closed once a runner has begun; why none could is written to it before.
    """
    try:
        if not _begin(folder):
            os._exit(0)
        _let_go(folder)
    except BaseException:  # said to whoever asked; a child must never return into its parent's code
        os.write(writer, _told().encode())
        os._exit(1)
    os.close(writer)
    try:
        execute(folder)
    except BaseException:
        sys.stderr.write(_told())  # into the runner's own log; without an exit.json the job counts as lost
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _told() -> str:
    import traceback  # 7 ms that a good start need not wait for

    return traceback.format_exc()


def _begin(folder: Path) -> bool:
    """Return whether it is for this process to run the job.

    Raises:
        TimeoutError: another holds the lock and does not say who it is.

    """
    os.setsid()
    os.chdir("/")
    lock = os.open(folder / jobfolder.LOCK, os.O_CREAT | os.O_RDWR, 0o644)
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if jobfolder.has_begun(folder):
                return False
            if time.monotonic() > until:
                raise TimeoutError(f"another runner holds {folder / jobfolder.LOCK} and does not begin") from None
            time.sleep(0.01)
            continue
        break
    if jobfolder.has_begun(folder):
        return False
    me = identify(os.getpid())
    if me is None:
        raise ProcessLookupError("this machine does not say when this process started")
    jobfolder.write_runner(folder, me)
    return True


def _let_go(folder: Path) -> None:
    """Close what was inherited; the lock and the pipe are this process's own."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(folder / jobfolder.RUNNER_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(nothing)
    os.close(log)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
