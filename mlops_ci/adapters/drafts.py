"""Names of what is half made say who makes it: what a killed maker left is told from what is in the making."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from mlops_ci.runtime.identity import boot_id, identify

FOREIGN = 24 * 3600.0
"""Seconds after which a draft counts as left whose maker cannot be seen from here: another machine's, a container's."""


def signed(prefix: str = "") -> str:
    """Return the beginning of a draft's name: `prefix`, and which process makes it."""
    return f"{prefix}{_own(os.getpid())}-"


def sweep(folder: Path, prefix: str = "") -> None:
    """Remove the drafts in a folder whose makers run no more. What cannot be removed stays, and harms nobody."""
    mine = signed(prefix)
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208 - names alone, on the way of every record
            if name.startswith(prefix) and not name.startswith(mine) and _is_left(folder / name, name[len(prefix) :]):
                shutil.rmtree(folder / name, ignore_errors=True)
                with suppress(OSError):  # a file, or somebody else swept it
                    (folder / name).unlink()


def _is_left(place: Path, name: str) -> bool:
    pid, _, rest = name.partition("-")
    if pid.isdigit() and f"-{_here()}-" in f"-{rest}":
        return not name.startswith(f"{_signature(int(pid))}-")
    try:
        return time.time() - place.stat().st_mtime > FOREIGN
    except OSError:
        return False


@cache
def _own(pid: int) -> str:
    return _signature(pid)


def _signature(pid: int) -> str:
    who = identify(pid)
    started = "".join(filter(str.isalnum, who.started)) if who else ""
    return f"{pid}-{started}-{_here()}"


@cache
def _here() -> str:
    """Return what tells where a pid means what it means here: this start of the machine, and this pid namespace."""
    space = os.readlink("/proc/self/ns/pid") if sys.platform == "linux" else ""  # noqa: PTH115 - a link to no path
    return hashlib.sha256(f"{boot_id()} {space}".encode()).hexdigest()[:8]
