"""Unpacking archives that somebody else's code made: the one way in which the house does it."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from mlops_ci.adapters.forward import Forward, TooMuch
from mlops_ci.errors import IntegrityError, ProviderError

_PIECE = 1 << 20
"""Bytes read at once, and that the headers of one member may have: those of an honest archive are shorter."""

_HEADERS = 4096
"""Bytes that a member may need beside its content: its header, a long name, padding."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an archive may unpack to: `size` bytes, `count` files and folders, paths of `depth` parts."""

    size: int = 32 << 30
    count: int = 200_000
    depth: int = 100


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file as it was written: its path below the folder, its size in bytes, and its sha256."""

    path: str
    size: int
    sha256: str


def unpack(archive: Path, folder: Path, bounds: Bounds | None = None) -> tuple[Unpacked, ...]:
    """Return the files of a tar or tar.gz archive, put below `folder` read-only, in the archive's order.

    What its owner might execute can be executed still.
    Only plain files and folders at relative paths are taken, each name once. Of an archive that is refused, what came
    before stays behind: give a folder that you remove. Time, memory and disk are bounded by `bounds`, whatever the
    archive claims.

    Raises:
        IntegrityError: it is no whole archive.
        ProviderError: it holds a link, a device, a sparse file, a path that leaves the folder or comes twice, or more
            than the bounds.
        OSError: the folder cannot be written.

    """
    limits = bounds or Bounds()
    name = archive.name[:12]
    total = limits.size + _HEADERS * limits.count + _PIECE
    with _read(archive) as raw, _judged(name, limits):
        return tuple(_files(Forward(raw, limit=total), _Taken(name, folder, limits)))


class _Taken:
    """What was taken of an archive so far, and what may still be."""

    def __init__(self, archive: str, folder: Path, bounds: Bounds) -> None:
        self.folder = folder
        self._archive = archive
        self._left = bounds.size
        self._bounds = bounds
        self._names: dict[PurePosixPath, bool] = {}

    def place(self, member: tarfile.TarInfo) -> PurePosixPath:
        """Return where a member goes, having counted it.

        Raises:
            ProviderError: it is not taken; says why.

        """
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or "\0" in member.name or len(path.parts) > self._bounds.depth:
            raise self._refused(member, "its path leaves the folder, or is no path", "train again")
        if not (member.isreg() or member.isdir()) or member.issparse():
            raise self._refused(member, "it is neither a plain file nor a folder", "save the model without links")
        if member.size < 0:
            raise tarfile.ReadError("a size below zero")
        self._left -= member.size
        if self._left < 0:
            raise TooMuch
        if self._known(path, is_folder=member.isdir()):
            raise self._refused(member, "its name comes twice", "pack it anew")
        return path

    def _known(self, path: PurePosixPath, *, is_folder: bool) -> bool:
        """Return whether a name is taken by something it may not share it with; it and its folders are taken now."""
        for above in path.parents:
            if not self._names.setdefault(above, True):
                return True
        if path in self._names:
            return not (is_folder and self._names[path])
        self._names[path] = is_folder
        if len(self._names) > self._bounds.count:
            raise TooMuch
        return False

    def _refused(self, member: tarfile.TarInfo, why: str, hint: str) -> ProviderError:
        return ProviderError(f"refusing to unpack `{member.name[:200]}` of archive {self._archive}: {why}", hint=hint)


def _files(stream: Forward, taken: _Taken) -> Iterator[Unpacked]:
    taken.folder.mkdir(parents=True, exist_ok=True)
    stream.allow(_PIECE)
    with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:") as members:
        while (member := members.next()) is not None:
            members.members.clear()  # type: ignore[attr-defined] # it would remember every header, long ones too
            path = taken.place(member)
            to = taken.folder / path
            if member.isdir():
                to.mkdir(parents=True, exist_ok=True)
            else:
                to.parent.mkdir(parents=True, exist_ok=True)
                stream.seek(member.offset_data)
                stream.allow(member.size)
                digest = _copied(stream, member.size, to)
                to.chmod(0o555 if member.mode & 0o100 else 0o444)
                yield Unpacked(str(path), member.size, digest)
            stream.allow(_PIECE)


def _copied(stream: Forward, size: int, to: Path) -> str:
    """Return the sha256 of what was written to a new file."""
    digest = hashlib.sha256()
    with to.open("xb") as out:
        while size:
            block = stream.read(min(size, _PIECE))
            if not block:
                raise tarfile.ReadError("unexpected end of data")
            digest.update(block)
            out.write(block)
            size -= len(block)
    return digest.hexdigest()


@contextmanager
def _read(archive: Path) -> Iterator[IO[bytes]]:
    try:
        raw = archive.open("rb")
    except OSError as cause:
        raise ProviderError(f"cannot read `{archive}`: {cause.strerror}", hint="mlops-ci store check") from cause
    with raw:
        yield raw


@contextmanager
def _judged(archive: str, bounds: Bounds) -> Iterator[None]:
    """Translate what reading an archive may end in; headers that lie end in errors of many kinds."""
    try:
        yield
    except TooMuch as cause:
        raise ProviderError(
            f"archive {archive} unpacks to more than {bounds.size} bytes or {bounds.count} files",
            hint="release a smaller model",
        ) from cause
    except (tarfile.TarError, ValueError, OverflowError, RecursionError) as cause:
        raise IntegrityError(f"archive {archive} is no whole tar archive: {cause}", hint="train it again") from cause
