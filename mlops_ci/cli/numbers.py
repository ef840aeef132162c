"""Numbers on the command line."""

from __future__ import annotations

import argparse


def count(text: str) -> int:
    """Return a whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got `{text}`")
    return int(text)


def port(text: str) -> int:
    """Return a port; 0 is any free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got `{text}`")
    return int(text)


def seconds(text: str) -> int:
    """Return a whole number of seconds."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number of seconds, got `{text}`")
    return int(text)
