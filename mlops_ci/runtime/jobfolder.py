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
import struct
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from mlops_ci.runtime.identity import Identity, is_alive

JOB = "job.json"
LOCK = "runner.lock"
RUNNER = "runner.json"
RUNNER_LOG = "runner.log"
STOP = "stop"
EXIT = "exit.json"
ML = "ml"
TMP = "tmp"

HEADER = struct.Struct("!I")
"""How long the path of a folder is, in bytes: it goes before the path to a starter of runners."""


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Make a file whole at once, also for whoever reads it after a power cut."""
    _write(path, data, settle=lambda stream: os.fsync(stream.fileno()))


def write_fleeting_json(path: Path, data: Mapping[str, Any]) -> None:
    """Make a file whole at once, for as long as the machine runs; its job would not outlive a power cut either."""
    _write(path, data, settle=lambda _stream: None)


def _write(path: Path, data: Mapping[str, Any], *, settle: Callable[[IO[str]], None]) -> None:
    draft = path.with_name(f".{path.name}.{threading.get_native_id()}")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(data, sort_keys=True))  # without `indent` it is C that writes, ten times as fast
        stream.flush()
        settle(stream)
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return what a file holds; None where there is no such file, or one that a power cut tore."""
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    return found


def has_begun(folder: Path) -> bool:
    """Return whether a runner ever began; without one the folder is only a wish."""
    return (folder / RUNNER).exists() or (folder / EXIT).exists()


def write_runner(folder: Path, identity: Identity) -> None:
    """Say which process runs the job, and since when."""
    about = {"pid": identity.pid, "started": identity.started, "boot": identity.boot, "at": now()}
    write_fleeting_json(folder / RUNNER, about)


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
