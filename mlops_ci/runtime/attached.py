"""The job of a folder, for as long as whoever started it lives: `python -m mlops_ci.runtime.attached FOLDER`.

Standard input is a pipe that whoever starts this holds open and writes nothing to. When that pipe ends, however its
holder ended, everything of the job is killed. Two processes do this: one runs the job as any runner does, and its
parent waits for either end; what the first can no longer kill is the second's by then.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from mlops_ci.runtime.execution import execute
from mlops_ci.runtime.processes import adopt_orphans, die_with_parent, kill_all

_LOOK = 0.2
"""Seconds between two looks whether the child still runs."""


def main(arguments: list[str]) -> int:
    """Return 0 when the job has ended and `exit.json` says how; 1 where its starter ended, or it did not run."""
    folder = Path(arguments[0]).resolve()

    def run() -> int:
        os.chdir("/")
        execute(folder)
        return 0

    return attached(run)


def attached(run: Callable[[], int]) -> int:
    """Return what a child of this process returns from `run`; 1 where standard input ended first, and all was killed.

    Must be called while no other thread runs.
    """
    adopt_orphans()
    alive, life = os.pipe()
    me = os.getpid()
    child = os.fork()
    if not child:
        os.close(alive)
        _be(run, parent=me)
    os.close(life)
    # What was handed down is the child's: an end of a socket that is kept open here would never be seen to close.
    os.closerange(3, alive)
    os.closerange(alive + 1, 1 << 12)
    code = 1
    while True:
        # The child's end of the pipe closes with it, unless something that it forked has inherited that.
        ready, _, _ = select.select([0, alive], [], [], _LOOK)
        ended, status = os.waitpid(child, 0 if alive in ready else os.WNOHANG)
        if ended:
            code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1
            break
        if 0 in ready:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            break
    kill_all(child)
    return code


def _be(run: Callable[[], int], *, parent: int) -> NoReturn:
    code = 1
    try:
        die_with_parent()
        if os.getppid() != parent:
            os._exit(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        code = run()
    except BaseException:
        traceback.print_exc()
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
