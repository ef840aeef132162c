"""The machine's own clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class SystemClock:
    """A `Clock` that tells the true time. `pause` is what waits; it may come back sooner when something happened."""

    pause: Callable[[float], None] = time.sleep

    def now(self) -> str:
        """Return the time now: UTC, ISO 8601, milliseconds, ending in `Z`."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def seconds(self) -> float:
        """Return a monotonic time in seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.pause(seconds)
