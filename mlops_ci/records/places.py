"""Where facts stand among each other, by their names."""

from __future__ import annotations


def attempt_place(model: str, work: str, fingerprint: str, attempt: int) -> str:
    """Return what the names of an attempt's two facts begin with."""
    return f"{model}/attempts/{work}-{fingerprint[:32]}-{attempt}"
