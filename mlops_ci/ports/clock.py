"""Time, as an argument."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Wall time and waiting."""

    def now(self) -> str:
        """Return the time now: UTC, ISO 8601, milliseconds, ending in `Z`."""
        ...

    def seconds(self) -> float:
        """Return a monotonic time in seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait as long; shorter where something ended meanwhile that the caller waits for."""
        ...
