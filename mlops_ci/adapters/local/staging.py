"""Folders in the making: whole before they get their name, and swept up when their maker was killed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops_ci.adapters.drafts import signed, sweep

STAGING = ".staging"


@contextmanager
def staged(root: Path) -> Iterator[Path]:
    """Give an empty folder below `root`, to be renamed to its place. Where it is not, it is removed at the end."""
    folder = root / STAGING
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=signed()))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
