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
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from mlops_ci.runtime import jobfolder
from mlops_ci.runtime.execution import execute
from mlops_ci.runtime.processes import adopt_orphans, die_with_parent, kill_all


def main(arguments: list[str]) -> int:
    """Return 0 when the job has ended and `exit.json` says how; 1 where its starter ended, or it did not run."""
    folder = Path(arguments[0]).resolve()
    os.chdir("/")
    adopt_orphans()
    alive, life = os.pipe()
    me = os.getpid()
    child = os.fork()
    if not child:
        os.close(alive)
        _run(folder, parent=me)
    os.close(life)
    ready, _, _ = select.select([0, alive], [], [])
    if alive not in ready:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        kill_all(child)
        return 1
    _, status = os.waitpid(child, 0)
    kill_all(child)
    return 0 if status == 0 else 1


def _run(folder: Path, *, parent: int) -> NoReturn:
    code = 1
    try:
        die_with_parent()
        if os.getppid() != parent:
            os._exit(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        log = os.open(folder / jobfolder.RUNNER_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        execute(folder)
        code = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
