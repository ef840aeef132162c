"""Locks on this machine: a file a model, locked by `flock`, so that a lock dies with its process, however that dies.

The file says who holds it, and when the last holder let go; it is never removed, since two could then hold one lock.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_ci.ports.clock import Clock
from mlops_ci.ports.locks import Busy, Holder, Taken, Unguarded


@dataclass(frozen=True, slots=True)
class FileLocks:
    """Implements `ports.Locks` with files in `folder`; `verb` is what this process is doing."""

    folder: Path
    verb: str
    clock: Clock
    _held: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)

    def take(self, model: str, *, since: str) -> Taken | Busy | Unguarded:
        """Return whether the model is ours from now on; where no file can be locked, why."""
        place = self.folder / f"{model}.lock"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            return Unguarded(f"`{place}`: {error.strerror}")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            about = _read(handle)
            os.close(handle)
            return Busy(_holder(about))
        except OSError as error:  # a file system without locks, some NFS
            os.close(handle)
            return Unguarded(f"`{place}`: {error.strerror}")
        before = _read(handle)
        now = {"verb": self.verb, "pid": os.getpid(), "host": _host(), "since": self.clock.now(), "left": ""}
        _write(handle, now)
        self._held[model] = (handle, now)
        # Who left no time was killed, and may have done something all the same.
        return Taken(was_used=bool(before) and not "" < before.get("left", "") < since)

    def leave(self, model: str) -> None:
        """Let go of a model; does nothing where it is not ours."""
        handle, about = self._held.pop(model, (-1, {}))
        if handle >= 0:
            _write(handle, about | {"left": self.clock.now()})
            os.close(handle)


def _read(handle: int) -> dict[str, Any]:
    """Return what a lock's file says; nothing where it is empty or half written: it is only told to people."""
    try:
        about = json.loads(os.pread(handle, 4096, 0))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def _write(handle: int, about: dict[str, Any]) -> None:
    with suppress(OSError):  # a full disk: the lock holds without it
        content = json.dumps(about).encode()
        os.pwrite(handle, content, 0)
        os.ftruncate(handle, len(content))


def _holder(about: dict[str, Any]) -> Holder | None:
    try:
        host = "" if about["host"] == _host() else str(about["host"])
        return Holder(str(about["verb"]), int(about["pid"]), host, str(about["since"]))
    except (KeyError, TypeError, ValueError):
        return None


def _host() -> str:
    return os.uname().nodename
