"""Which process is meant: a pid is used again, and a machine starts again."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """A process, told apart from any other that had or will have its pid: start time and boot id as the kernel's."""

    pid: int
    started: str
    boot: str


def identify(pid: int) -> Identity | None:
    """Return the identity of a process that runs; None where there is none, or only its exit code is left."""
    started = _started_proc(pid) if sys.platform == "linux" else _started_ps(pid)
    return Identity(pid, started, boot_id()) if started else None


def is_alive(identity: Identity) -> bool:
    """Return whether exactly this process runs now."""
    return identify(identity.pid) == identity


@cache
def boot_id() -> str:
    """Return what changes with every start of the machine."""
    if sys.platform != "linux":
        return _said("sysctl", "-n", "kern.boottime")
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _started_proc(pid: int) -> str:
    """Return the start time in clock ticks since boot: field 22, counted behind a name that may hold anything."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    fields = stat[stat.rindex(b")") + 2 :].split()
    return "" if fields[0] in {b"Z", b"X"} else fields[19].decode()


def _started_ps(pid: int) -> str:
    state, _, started = _said("ps", "-o", "stat=,lstart=", "-p", str(pid)).partition(" ")
    return "" if state.startswith("Z") else started.strip()


def _said(*command: str) -> str:
    done = subprocess.run(command, env=dict(os.environ, LC_ALL="C"), capture_output=True, text=True, check=False)
    return done.stdout.strip()
