"""Starts a supervisor: `python -m mlops_ci.runtime.launch --folder STATE --sockets DIR [--start S] [--drain S] ...`.

Ends with 0 as soon as a supervisor answers for the folder, be it ours or another's; with 1 and a line on stderr where
none does. The supervisor is in a session of its own, has none of our descriptors, and outlives whoever asked for it.
Of any number of launches at once one gets the lock, which its supervisor holds for life and the system frees.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
import time
import traceback
from pathlib import Path

from mlops_ci.runtime import control
from mlops_ci.runtime.control import Timings

PATIENCE = 30.0
"""Seconds until a supervisor must answer."""


def main(arguments: list[str]) -> int:
    """Return 0 when a supervisor answers for the folder."""
    parser = argparse.ArgumentParser(prog="launch")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--sockets", type=Path, required=True)
    parser.add_argument("--start", type=float, default=Timings().start)
    parser.add_argument("--drain", type=float, default=Timings().drain)
    parser.add_argument("--drain-limit", type=float, default=Timings().drain_limit)
    options = parser.parse_args(arguments)
    folder, sockets = options.folder.resolve(), control.private(options.sockets)
    until = time.monotonic() + PATIENCE
    child = 0
    while time.monotonic() < until:
        if _answers(folder, sockets):
            return 0
        if child and os.waitpid(child, os.WNOHANG)[0]:
            print(f"the supervisor ended while it came up; see {folder / control.LOG}", file=sys.stderr)
            return 1
        if not child:
            lock = _locked(folder)
            if lock is not None:
                child = os.fork()
                if not child:
                    _become(folder, sockets, Timings(options.start, options.drain, options.drain_limit), lock)
                os.close(lock)
        time.sleep(0.01)
    print(f"no supervisor answered within {PATIENCE:g} s; see {folder / control.LOG}", file=sys.stderr)
    return 1


def _answers(folder: Path, sockets: Path) -> bool:
    try:
        control.ask(sockets, folder, {"do": "status"}, timeout=PATIENCE)
    except control.Silent:
        return False
    return True


def _locked(folder: Path) -> int | None:
    """Return the descriptor of the folder's lock, if it is free and still the one that others look at."""
    path = folder / control.LOCK
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(lock).st_ino == path.stat().st_ino:
            return lock
    except OSError:  # held by another, or removed meanwhile
        pass
    os.close(lock)
    return None


def _become(folder: Path, sockets: Path, timings: Timings, lock: int) -> None:
    """Be the supervisor: nothing inherited but the lock, the state folder's log for what is printed; never returns."""
    code = 1
    try:
        os.setsid()
        os.chdir("/")
        os.umask(0o077)
        nowhere = os.open(os.devnull, os.O_RDONLY)
        log = os.open(folder / control.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        held = os.dup(lock)  # dup2 below may land on its number
        os.dup2(nowhere, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.set_inheritable(held, False)
        os.closerange(3, held)
        os.closerange(held + 1, 1 << 16)
        import asyncio

        from mlops_ci.runtime.supervisor import Supervisor

        async def run() -> None:
            await Supervisor(folder, sockets, timings).run()

        asyncio.run(run())
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
