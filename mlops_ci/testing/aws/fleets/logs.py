"""What a container prints, in CloudWatch Logs while it runs."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from mlops_ci.testing.aws.fleets.places import Place

LONGEST = 256 * 1024 - 26
"""Bytes that one event may have."""


class Follower:
    """Moves complete lines of a growing file to a log stream; group and stream are made when the first comes."""

    def __init__(self, path: Path, place: Place, group: str, stream: str) -> None:
        self._path = path
        self._place = place
        self._group = group
        self._stream = stream
        self._seen = 0
        self._rest = b""
        self._lock = threading.Lock()

    @property
    def arn(self) -> str:
        """Return the stream's ARN."""
        return self._place.arn("logs", f"log-group:{self._group}:log-stream:{self._stream}")

    def follow(self) -> None:
        """Move what was printed since."""
        with self._lock:
            try:
                with self._path.open("rb") as stream:
                    stream.seek(self._seen)
                    new = stream.read()
            except FileNotFoundError:
                return
            self._seen += len(new)
            *lines, self._rest = (self._rest + new).split(b"\n")
            self._put(lines)

    def finish(self) -> None:
        """Move the rest, also a line without an end."""
        self.follow()
        with self._lock:
            if self._rest:
                self._put([self._rest])
                self._rest = b""

    def _put(self, lines: list[bytes]) -> None:
        if not lines:
            return
        logs = self._place.logs
        logs.ensure_log_group(self._group)
        logs.ensure_log_stream(self._group, self._stream)
        now = int(time.time() * 1000)
        # CloudWatch has no empty events.
        events = [{"timestamp": now, "message": line[:LONGEST].decode("utf-8", "replace") or " "} for line in lines]
        for start in range(0, len(events), 10_000):
            logs.put_log_events(self._group, self._stream, events[start : start + 10_000])
