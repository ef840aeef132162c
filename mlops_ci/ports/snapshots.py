"""Snapshots: what was derived once, kept so that deriving it again costs nothing. It may vanish at any time."""

from __future__ import annotations

from typing import Protocol


class Snapshots(Protocol):
    """Bytes by name. What is kept here is never the truth about anything, and neither method ever raises."""

    def load(self, name: str) -> bytes:
        """Return what was kept under a name last; empty where there is nothing, or it cannot be read."""
        ...

    def save(self, name: str, content: bytes) -> None:
        """Keep content, whole or not at all; in a read-only checkout, nothing."""
        ...
