"""What `doctor` finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `verdict` is `ok`, `note` (works with less, or was not tried) or `failed`."""

    check: str
    verdict: str
    found: str
    hint: str = ""
