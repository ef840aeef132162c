"""Folders in the making: whole before they get their name, and swept up when their maker was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops_ci.runtime.identity import identify

STAGING = ".staging"


@contextmanager
def staged(root: Path) -> Iterator[Path]:
    """Give an empty folder below `root`, to be renamed to its place. Where it is not, it is removed at the end."""
    folder = root / STAGING
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=f"{_maker(os.getpid())}-"))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _maker(pid: int) -> str:
    who = identify(pid)
    return f"{who.pid}-{''.join(filter(str.isalnum, who.started))}" if who else ""


def _sweep(folder: Path) -> None:
    """Remove what makers left that run no more."""
    for left in folder.iterdir():
        pid, _, _ = left.name.partition("-")
        if pid.isdigit() and not left.name.startswith(f"{_maker(int(pid))}-"):
            shutil.rmtree(left, ignore_errors=True)
