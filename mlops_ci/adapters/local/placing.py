"""Files put where a job sees them, so that nothing it does to them reaches the originals."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from mlops_ci.adapters.checked import checked
from mlops_ci.adapters.faults import guarded
from mlops_ci.errors import ProviderError
from mlops_ci.model import Tree
from mlops_ci.ports.jobs import Code, Input

_LARGE = 64 << 20
"""Bytes from which a read-only file is linked instead of copied."""

_FICLONE = 0x40049409


def place_code(code: Code, tree: Callable[[], Tree], folder: Path) -> None:
    """Copy a code's files into a folder, each compared with the blob id it was fingerprinted by.

    Raises:
        InputsMoved: a file has other bytes now, or is gone.
        ProviderError: the folder cannot be written.

    """
    for path, content in checked(code, tree):
        target = folder / path
        with guarded("write", target):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def place_input(given: Input, folder: Path) -> None:
    """Make a folder that shows the files of an input: clones or copies, and large read-only files as links.

    Raises:
        ProviderError: there is nothing at its location, or it is not on this machine.

    """
    if "://" in given.location:
        raise ProviderError(
            f"input `{given.name}` is at `{given.location}`, and a local job reads only files of this machine",
            hint="copy it to a folder and name that in `data`",
        )
    source = Path(given.location)
    if not source.exists():
        raise ProviderError(f"input `{given.name}`: there is nothing at `{source}`", hint="`mlops-ci validate`")
    with guarded(f"copy input `{given.name}` to", folder):
        folder.mkdir(parents=True, exist_ok=True)
        if source.is_file():
            _place(source, folder / source.name)
            return
        for base, _, names in os.walk(source, followlinks=True):
            target = folder / Path(base).relative_to(source)
            target.mkdir(exist_ok=True)
            for name in names:
                _place(Path(base, name), target / name)


def _place(source: Path, target: Path) -> None:
    if _cloned(source, target):
        return
    status = source.stat()
    if status.st_size >= _LARGE and not status.st_mode & 0o222:
        target.symlink_to(source.resolve())
    else:
        shutil.copyfile(source, target)


def _cloned(source: Path, target: Path) -> bool:
    """Return whether the file system shares the bytes until one side writes (Btrfs, XFS ...): whatever size."""
    if sys.platform != "linux":
        return False
    import fcntl

    with source.open("rb") as origin, target.open("wb") as clone:
        try:
            fcntl.ioctl(clone.fileno(), _FICLONE, origin.fileno())
        except OSError:
            clone.close()
            target.unlink()
            return False
    return True
