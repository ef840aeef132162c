"""Copies of a project that came somewhere once, so that a test which begins there need not come there again."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.e2e.tiny import Tiny


def copied(of: Tiny, folder: Path) -> Tiny:
    """Return a copy of a checkout and of the bare remote beside it, with the paths in it as if all had happened there.

    What it knows of endpoints stays behind: they are processes, with ports, and not the copy's. Its `run` starts them.
    """
    shutil.copytree(of.folder.parent, folder, ignore=shutil.ignore_patterns("endpoints"))
    there, here = str(of.folder.parent).encode(), str(folder).encode()
    for place in folder.rglob("*"):
        if place.is_file() and there in (content := place.read_bytes()):
            place.write_bytes(content.replace(there, here))
    return Tiny(folder / "work", of.environment)
