"""Trainings that wait for a file, and the processes of a project."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.tiny import CANDIDATE, TRAIN, Tiny

GO = """\
import pathlib
import time

mark = pathlib.Path(given.mark)
mark.with_name(f"pid-{given.cut}").write_text(str(os.getpid()))
with mark.open("a") as starts:
    starts.write(f"{given.cut}\\n")
while given.cut > 0.4 and not mark.with_name("go").exists():
    time.sleep(0.02)
"""


def slow(tiny: Tiny, mark: Path) -> None:
    """Have `middle` train until the file `go` is beside `mark`; each training that starts adds a line to `mark`."""
    source = TRAIN.replace("parser.parse_args()\n", "parser.parse_args()\n" + GO)
    tiny.write("src/train/fit.py", source.replace("given =", 'parser.add_argument("--mark")\ngiven ='))
    for name, cut in (("low", 0.2), ("middle", 0.45)):
        tiny.write(f"candidates/{name}.yaml", CANDIDATE.format(cut=f'{cut}, mark: "{mark}"'))
    tiny.push("train slowly")


def until(claim: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until a claim is true; fail where it never is."""
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be reaped does not."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.strip().startswith("Z")


def starts(mark: Path) -> list[str]:
    return sorted(mark.read_text().split()) if mark.exists() else []


def serving(tiny: Tiny) -> list[int]:
    """Return the processes that serve this project."""
    done = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True)
    place = f"{tiny.folder}/.mlops-ci/"
    return [int(line.split()[0]) for line in done.stdout.splitlines() if place in line and "mlops_ci.runtime" in line]
