"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from mlops_ci.adapters.drafts import signed, sweep

TEMPORARY = ".tmp"
"""The folder of half-written files, beside what they become: renaming across file systems is no renaming."""

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}


@contextmanager
def drafted(root: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """Give a new file below `root` to write to, and its path. It is gone afterwards, whatever happened."""
    folder = root / TEMPORARY
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    handle, name = tempfile.mkstemp(dir=folder, prefix=signed())
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream, draft
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def settle(stream: IO[bytes]) -> None:
    """Have the bytes written so far on the disk, read-only: what has a name is whole, also after a power cut."""
    stream.flush()
    os.fsync(stream.fileno())
    os.fchmod(stream.fileno(), 0o444)


def publish(draft: Path, target: Path) -> bool:
    """Give a settled draft its name if nothing has it; return whether it was this call that did.

    A hard link is the one operation that is atomic and never replaces. Where the file system has none, the name is
    claimed first and filled by a rename: one winner stays one winner, but a reader in between finds an empty file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(draft, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _claim(draft, target)
    return True


def _claim(draft: Path, target: Path) -> bool:
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o444))
    except FileExistsError:
        return False
    draft.replace(target)
    draft.touch()
    return True
