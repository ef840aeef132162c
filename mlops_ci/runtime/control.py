"""How to speak with a supervisor: JSON lines over a Unix socket, one question and one answer a connection.

The socket lies in a folder of the user's own, because a path may have at most 104 bytes (108 on Linux), which a folder
deep in a project exceeds.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlops_ci.runtime.identity import Identity

WORD_LIMIT = 1 << 20
"""Bytes a question or an answer may have."""

SUPERVISOR = "supervisor.json"
"""Who the supervisor and its workers are, and where it listens for us."""

SERVING = "serving.json"
"""The last status, for when nobody answers."""

PORT = "port"
LOCK = "supervisor.lock"
LOG = "log"


class Silent(Exception):  # noqa: N818 - named after what happened
    """Nobody answers at the socket."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an endpoint is asked to serve: a version, its unpacked package and the interpreter it runs in.

    `port` 0: keep or choose. `instance` and what follows mean nothing on this machine: they are kept to be told.
    `environment` is what the workers see of ours, before the package's own.
    """

    version: int
    name: str
    package: str
    folder: str
    python: str
    workers: int
    joins: bool
    port: int
    environment: tuple[tuple[str, str], ...]
    instance: str = ""
    count: int = 1
    autoscaling: str = ""
    capture: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> Target:
        """Return it from plain data."""
        return Target(**{**data, "environment": tuple((name, value) for name, value in data["environment"])})


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds: for a package to come up, for silent connections in a drain, for a drain as a whole."""

    start: float = 300.0
    drain: float = 10.0
    drain_limit: float = 90.0


def address(sockets: Path, folder: Path) -> Path:
    """Return the socket of the supervisor whose state is in `folder`."""
    return sockets / f"{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:20]}.sock"


def private(sockets: Path) -> Path:
    """Return the folder, made for this user alone.

    Raises:
        PermissionError: somebody else has made it, or may write to it.

    """
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = sockets.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise PermissionError(f"{sockets} is not a folder of this user alone")
    return sockets


def ask(sockets: Path, folder: Path, question: dict[str, Any], *, timeout: float) -> dict[str, Any]:
    """Return the supervisor's answer.

    Its socket is where its state says; `sockets` is where it would be by default, which may differ from one command to
    the next, since TMPDIR may.

    Raises:
        Silent: it is not there, or says nothing within `timeout` seconds.

    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(timeout)
            line.connect(str(known(folder / SUPERVISOR).get("socket") or address(sockets, folder)))
            line.sendall(json.dumps(question).encode() + b"\n")
            heard = bytearray()
            while not heard.endswith(b"\n") and (block := line.recv(65536)):
                heard += block
        answer = json.loads(heard)
    except (OSError, ValueError) as cause:
        raise Silent(str(cause)) from cause
    if not isinstance(answer, dict):
        raise Silent("it does not speak our language")
    return answer


def keep(path: Path, content: dict[str, Any] | list[Any]) -> None:
    """Write a small state file whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(content), encoding="utf-8")
    beside.replace(path)


def known(path: Path) -> dict[str, Any]:
    """Return a small state file's content; empty where it is missing or not whole."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def identities(path: Path) -> tuple[Identity, ...]:
    """Return the processes that a state file names: the supervisor first, then its workers."""
    try:
        return tuple(
            Identity(int(who["pid"]), str(who["started"]), str(who["boot"])) for who in known(path)["processes"]
        )
    except (KeyError, TypeError, ValueError):
        return ()
