"""What a job's folder says about the job."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from mlops_ci.adapters.faults import guarded
from mlops_ci.ports.jobs import Failed, FailureCause, JobStatus, Running, Stopped, Succeeded
from mlops_ci.runtime import jobfolder
from mlops_ci.runtime.bounded import parts, read_log
from mlops_ci.runtime.processes import kill_marked

MARK = "MLOPS_CI_JOB"
"""The variable by which a job's processes are found again when their runner is gone; its value is the folder."""


def status_of(folder: Path) -> JobStatus | None:
    """Return the status of the job in a folder; None where none ever began."""
    with guarded("read", folder):
        if not jobfolder.has_begun(folder):
            return None
        if (end := jobfolder.read_json(folder / jobfolder.EXIT)) is None:
            if jobfolder.is_running(folder) or _is_held(folder / jobfolder.LOCK):
                return Running()
            # It may have ended between the two looks.
            end = jobfolder.read_json(folder / jobfolder.EXIT)
        return _told(end) if end is not None else _lost(folder)


def logged(folder: Path) -> Iterator[bytes]:
    """Give a job's log; where nothing was printed, nothing."""
    with guarded("read the log in", folder):
        yield from read_log(folder)


def _told(end: dict[str, Any]) -> JobStatus:
    times = (end["started_at"], end["ended_at"], end["seconds"])
    match end["outcome"]:
        case "succeeded":
            return Succeeded(*times)
        case "stopped":
            return Stopped(*times)
        case _:
            return Failed(FailureCause[end["cause"].upper()], end["detail"], *times)


def _lost(folder: Path) -> JobStatus:
    """Return the status of a job whose runner is gone, having ended what the runner could not end any more."""
    kill_marked(f"{MARK}={folder}")
    made = jobfolder.moment(folder.stat().st_mtime)
    about = jobfolder.read_json(folder / jobfolder.RUNNER) or {"pid": "unknown", "at": made}
    began = datetime.fromisoformat(about["at"]).timestamp()
    last = max([began, *(part.path.stat().st_mtime for part in parts(folder))])
    detail = f"its runner (process {about['pid']}) disappeared: it was killed, or the machine was restarted"
    log = folder / jobfolder.RUNNER_LOG
    if log.exists() and (said := log.read_text("utf-8", "replace").split("\n")[-2:-1]):
        detail = f"its runner (process {about['pid']}) failed: {said[0]}"
    return Failed(FailureCause.LOST, detail, about["at"], jobfolder.moment(last), round(last - began, 3))


def _is_held(lock: Path) -> bool:
    """Return whether a runner holds the lock: one that we cannot see, say in another container, does."""
    try:
        with lock.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
