"""Archives whose bytes follow from the files alone: the same files give the same sha256, whenever they are packed."""

from __future__ import annotations

import gzip
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

from mlops_ci.errors import ProviderError

_LEVEL = 4
"""Models hardly compress; a higher level costs seconds and saves percents."""


def pack(folder: Path, target: Path) -> None:
    """Write the files below a folder to `target` as tar.gz: sorted, without times, owners or umask.

    A link to a file of the same folder is packed as that file.

    Raises:
        ProviderError: there is something in it that no archive can hold, or a link that leads out of it.

    """
    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=raw, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted(_below(folder), key=lambda path: path.relative_to(folder).parts):
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            status = _real(path, folder).stat()
            if stat.S_ISDIR(status.st_mode):
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
            elif stat.S_ISREG(status.st_mode):
                entry.size, entry.mode = status.st_size, 0o755 if status.st_mode & stat.S_IXUSR else 0o644
                with path.open("rb") as stream:
                    archive.addfile(entry, stream)
            else:
                raise ProviderError(f"`{path}` is neither file nor folder, so it cannot be kept")


def _real(path: Path, folder: Path) -> Path:
    if not path.is_symlink():
        return path
    found = path.resolve()
    if not found.is_file() or not found.is_relative_to(folder.resolve()):
        raise ProviderError(f"the link `{path}` leads to `{path.readlink()}`, which is no file of its folder")
    return found


def _below(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry.path))
