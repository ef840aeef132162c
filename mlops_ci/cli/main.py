"""The command line."""

from __future__ import annotations


def main() -> int:
    """Return the exit code of the verb that was asked for."""
    return 0
