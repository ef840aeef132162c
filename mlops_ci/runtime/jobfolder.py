"""A job's folder: the files by which whoever submits a job, its runner and whoever asks about it understand each other.

job.json      what to run; the folder gets its name with this in it, so a claimed folder is always whole
runner.lock   held by the one runner that may begin
runner.json   which process began, and when: written before anything of the job is
stop          somebody wants it to end
log, log.N    what it printed; N is the place in the whole (see `bounded`)
exit.json     how it ended
ml/           what the job sees as /opt/ml
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_ci.runtime.identity import Identity, is_alive

JOB = "job.json"
LOCK = "runner.lock"
RUNNER = "runner.json"
RUNNER_LOG = "runner.log"
STOP = "stop"
EXIT = "exit.json"
ML = "ml"
TMP = "tmp"


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Make a file whole at once, also for whoever reads it after a power cut."""
    draft = path.with_name(f".{path.name}.{threading.get_native_id()}")
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(data, stream, indent=1, sort_keys=True)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return what a file holds; None where there is no such file."""
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found


def has_begun(folder: Path) -> bool:
    """Return whether a runner ever began; without one the folder is only a wish."""
    return (folder / RUNNER).exists() or (folder / EXIT).exists()


def write_runner(folder: Path, identity: Identity) -> None:
    """Say which process runs the job, and since when."""
    about = {"pid": identity.pid, "started": identity.started, "boot": identity.boot, "at": now()}
    write_json(folder / RUNNER, about)


def is_running(folder: Path) -> bool:
    """Return whether the runner of this folder runs now."""
    about = read_json(folder / RUNNER)
    return about is not None and is_alive(Identity(about["pid"], about["started"], about["boot"]))


def now() -> str:
    """Return the time now: UTC, ISO 8601, milliseconds, ending in `Z`."""
    return moment(datetime.now(UTC).timestamp())


def moment(seconds: float) -> str:
    """Return a time since the epoch as UTC, ISO 8601, milliseconds, ending in `Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
