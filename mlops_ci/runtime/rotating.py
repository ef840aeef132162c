"""A log of bounded size that goes on where an earlier process left it: the newest of what was printed."""

from __future__ import annotations

import contextlib
from pathlib import Path

LIMIT = 8 << 20
"""Bytes of a log file; with the one it replaced, twice as many."""


class RotatingLog:
    """Appends to a file; one that is full becomes `<name>.1`, replacing the one before. Never raises on a full disk."""

    def __init__(self, path: Path, *, limit: int = LIMIT) -> None:
        self._path = path
        self._limit = limit
        self._stream = path.open("ab", buffering=0)
        self._size = path.stat().st_size

    def write(self, content: bytes) -> None:
        """Append, and turn the file over before it exceeds the limit."""
        if self._size + len(content) > self._limit:
            with contextlib.suppress(OSError):
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))
                self._stream.close()
                self._stream = self._path.open("ab", buffering=0)
                self._size = 0
        with contextlib.suppress(OSError):
            self._size += self._stream.write(content) or 0


def tail(path: Path, lines: int) -> tuple[str, ...]:
    """Return the last lines of a log and, where it has fewer, of the one it replaced; empty where there is none."""
    content = b""
    for part in (path, path.with_name(f"{path.name}.1")):
        if content.count(b"\n") <= lines:
            with contextlib.suppress(OSError):
                content = part.read_bytes() + content
    return tuple(content.decode("utf-8", "replace").splitlines()[-lines:]) if lines > 0 else ()
