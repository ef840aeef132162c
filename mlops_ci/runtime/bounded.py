"""A log of bounded size: the first and the last of what a job printed, however much that is.

The first bytes go to `log`. What follows goes to segments `log.<place>`, named by how many bytes came before them; the
oldest is removed when the newer ones hold enough. So whoever reads at any time, also after the writer was killed, finds
the beginning and the end, and can tell how much is missing between them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LOG = "log"
KEPT = 8 << 20
"""Bytes kept from the beginning, and as many from the end."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the log: where it begins in the whole, and the file that holds it."""

    place: int
    path: Path


class BoundedLog:
    """Writes to the log of a folder. Not for more than one writer."""

    def __init__(self, folder: Path, *, kept: int = KEPT) -> None:
        self._folder = folder
        self._kept = kept
        self._segment = max(kept // 2, 1)
        self._written = 0
        self._room = kept
        self._stream = (folder / LOG).open("wb", buffering=0)
        self._segments: list[Part] = []

    def write(self, data: bytes) -> None:
        """Append bytes; they can be read at once."""
        view = memoryview(data)
        while view:
            if not self._room:
                self._turn()
            part = view[: self._room]
            self._stream.write(part)
            self._written += len(part)
            self._room -= len(part)
            view = view[len(part) :]

    def close(self) -> None:
        """Stop writing."""
        self._stream.close()

    def _turn(self) -> None:
        """Go on in a new segment; three halves are kept, so that the last two always hold enough."""
        self._stream.close()
        part = Part(self._written, self._folder / f"{LOG}.{self._written}")
        self._stream = part.path.open("wb", buffering=0)
        self._room = self._segment
        self._segments.append(part)
        if len(self._segments) > 3:
            self._segments.pop(0).path.unlink(missing_ok=True)


def parts(folder: Path) -> tuple[Part, ...]:
    """Return the stretches of a log that are kept now, in order; none where nothing was ever printed."""
    names: list[str] = []
    with suppress(FileNotFoundError):
        names = [entry.name for entry in os.scandir(folder) if entry.name.startswith(f"{LOG}.")]
    later = sorted(int(place) for name in names if (place := name.removeprefix(f"{LOG}.")).isdigit())
    first = folder / LOG
    return (*([Part(0, first)] if first.exists() else []), *(Part(place, folder / f"{LOG}.{place}") for place in later))


def read_log(folder: Path, *, kept: int = KEPT) -> Iterator[bytes]:
    """Give the log in pieces of whole files: the first and last `kept` bytes, and a line saying what is left out."""
    found = [(part.place, data) for part in parts(folder) if (data := _read(part.path))]
    total = max((place + len(data) for place, data in found), default=0)
    end = 0
    for place, data in found:
        at = max(place, total - kept) if place else 0
        rest = data[at - place :]
        if not rest:
            continue
        if at > end:
            at += rest.find(b"\n") + 1  # what follows begins with a whole line, where there is one
            yield b"\n... %d bytes left out ...\n" % (at - end)
            rest = data[at - place :]
        yield rest
        end = at + len(rest)


def last_line(folder: Path) -> str:
    """Return the last line that says something, without what `mlops-ci` itself put into the log."""
    for part in reversed(parts(folder)):
        for line in reversed(_read(part.path, tail=1 << 16).decode(errors="replace").splitlines()):
            if line.strip() and not line.startswith("mlops-ci: "):
                return line.strip()[:1024]
    return ""


def _read(path: Path, *, tail: int = 0) -> bytes:
    """Return a file's bytes, or its last ones; none where it was removed meanwhile."""
    try:
        with path.open("rb") as stream:
            if tail:
                stream.seek(max(stream.seek(0, os.SEEK_END) - tail, 0))
            return stream.read()
    except FileNotFoundError:
        return b""
