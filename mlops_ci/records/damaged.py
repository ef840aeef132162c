"""What a record is that nobody can read: a value too, so that a damaged file is named and never stops a reader."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record that could not be read, and why."""

    name: str
    reason: str
