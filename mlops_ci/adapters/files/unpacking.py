"""Unpacking archives that somebody else's code made."""

from __future__ import annotations

import tarfile
from pathlib import Path, PurePosixPath
from shutil import copyfileobj

from mlops_ci.errors import ProviderError

LIMIT = 64 << 30
"""How many bytes an archive may unpack to: a bound against archives made to fill a disk."""


def unpack(archive: Path, folder: Path, *, limit: int = LIMIT) -> None:
    """Put the files of a tar.gz archive below `folder`; only plain files and folders at relative paths are taken.

    Raises:
        ProviderError: it is no such archive, or holds a link, a device or a path that leaves the folder.

    """
    folder.mkdir(parents=True, exist_ok=True)
    left = limit
    try:
        with tarfile.open(archive, "r:gz") as members:
            for member in members:
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts or not (member.isreg() or member.isdir()):
                    raise ProviderError(
                        f"refusing to unpack `{member.name}`: only plain files below the folder are taken"
                    )
                left -= member.size
                if left < 0:
                    raise ProviderError(f"refusing to unpack more than {limit} bytes")
                to = folder / path
                if member.isdir():
                    to.mkdir(parents=True, exist_ok=True)
                    continue
                to.parent.mkdir(parents=True, exist_ok=True)
                source = members.extractfile(member)
                if source is not None:
                    with source, to.open("xb") as out:
                        copyfileobj(source, out)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ProviderError(f"cannot unpack an archive: {error}") from error
