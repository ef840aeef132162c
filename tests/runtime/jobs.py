"""Jobs that a real runner runs in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_ci.runtime import jobfolder
from mlops_ci.runtime.bounded import read_log

RUNNER = [sys.executable, "-P", "-m", "mlops_ci.runtime.runner"]


def job(folder: Path, script: str, **changes: object) -> Path:
    """Return a claimed job folder whose job is a Python script."""
    (folder / "ml" / "output").mkdir(parents=True)
    spec = {
        "command": [sys.executable, "-u", "-c", script],
        "cwd": str(folder),
        "contract": {"ML": "/opt/ml", "OUT": "/opt/ml/output"},
        "environment": {"PATH": os.defpath, "MARK": str(folder)},
        "own_opt_ml": False,
        "max_runtime": 60,
        "stop_grace": 20,
        "metrics": [],
        "must_make": [],
        "greeting": "hello",
    }
    jobfolder.write_json(folder / "job.json", spec | changes)
    return folder


def start(folder: Path) -> None:
    subprocess.run([*RUNNER, folder], check=True)


def wait(condition: Callable[[], object], *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.01)


def ended(folder: Path) -> dict[str, Any]:
    wait((folder / "exit.json").exists)
    return jobfolder.read_json(folder / "exit.json") or {}


def run(folder: Path, script: str, **changes: object) -> dict[str, Any]:
    start(job(folder, script, **changes))
    return ended(folder)


def text(folder: Path) -> str:
    return b"".join(read_log(folder)).decode()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc/self").exists() else True
