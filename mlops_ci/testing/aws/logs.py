"""What a job prints, in CloudWatch Logs while it runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from mlops_ci.runtime.bounded import parts

_LONGEST = 256 * 1024 - 26
"""Bytes that one event may have."""


class LogStream:
    """A stream of a log group; both are made where they are not there: somebody may delete them, or reset moto."""

    def __init__(self, account: str, region: str, group: str, name: str) -> None:
        self._account = account
        self._region = region
        self._group = group
        self._name = name

    def write(self, lines: list[str]) -> None:
        """Append lines as events of now."""
        if not lines:
            return
        backend = self._backend()
        backend.ensure_log_group(self._group)
        backend.ensure_log_stream(self._group, self._name)
        now = int(time.time() * 1000)
        # CloudWatch has no empty events.
        events = [
            {"timestamp": now, "message": line.encode()[:_LONGEST].decode(errors="ignore") or " "} for line in lines
        ]
        for start in range(0, len(events), 10_000):
            backend.put_log_events(self._group, self._name, events[start : start + 10_000])

    def _backend(self) -> Any:  # noqa: ANN401 - moto's class
        from moto.logs.models import logs_backends

        return logs_backends[self._account][self._region]


class Follower:
    """Moves the lines of a job's log to a stream, as far as they are complete."""

    def __init__(self, folder: Path, stream: LogStream) -> None:
        self._folder = folder
        self._stream = stream
        self._place = 0
        self._rest = b""

    def follow(self) -> None:
        """Move what has been printed since."""
        new = b""
        for part in parts(self._folder):
            try:
                with part.path.open("rb") as stream:
                    if (skip := self._place - part.place) > 0:
                        stream.seek(skip)
                    data = stream.read()
            except FileNotFoundError:
                continue
            new += data
            self._place = max(self._place, part.place) + len(data)
        *lines, self._rest = (self._rest + new).split(b"\n")
        self._stream.write([_text(line) for line in lines])

    def finish(self) -> None:
        """Move what is left, also of a line without an end."""
        self.follow()
        if self._rest:
            self._stream.write([_text(self._rest)])
            self._rest = b""


def _text(line: bytes) -> str:
    return line.rstrip(b"\r").decode(errors="replace")
