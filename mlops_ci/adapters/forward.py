"""Bytes of an archive that nobody vouches for, read forward only and never more than was agreed."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from typing import IO

_PIECE = 1 << 16
_MAGIC = b"\x1f\x8b"


class TooMuch(Exception):  # noqa: N818 - named after what happened
    """The bytes are more than was agreed."""


class Forward:
    """What `tarfile` needs of a file, over a plain or gzipped stream.

    `tarfile` believes what a header says of its own length, so no more can be read than was allowed for just now. It
    may step back by the one byte that it looks at to see whether the archive goes on. After `limit` bytes there is no
    more. Bytes that were compressed badly end in `tarfile.ReadError`.
    """

    def __init__(self, raw: IO[bytes], *, limit: int) -> None:
        head = raw.read(len(_MAGIC))
        raw.seek(0)
        self._stream: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if head == _MAGIC else raw
        self._limit = limit
        self._allowed = 0
        self._at = 0
        self._last = b""
        self._back = False

    def allow(self, size: int) -> None:
        """Let so many bytes be read from here; what is passed over does not count."""
        self._allowed = size

    def tell(self) -> int:
        """Return how many bytes were read so far, less the one stepped back."""
        return self._at - self._back

    def read(self, size: int) -> bytes:
        """Return the next bytes, fewer at the end.

        Raises:
            TooMuch: these are more than was agreed.
            ReadError: the stream is damaged.

        """
        if not 0 <= size <= self._allowed:
            raise TooMuch
        kept = b""
        if self._back and size:
            kept, self._back = self._last, False
        found = kept + self._next(size - len(kept))
        self._allowed -= len(found)
        return found

    def seek(self, place: int) -> None:
        """Go forward to a place, reading what lies between, or one byte back.

        Raises:
            TooMuch: it lies behind what was agreed.
            ReadError: it lies behind us, or behind the end.

        """
        if place == self._at - 1 and self._last:
            self._back = True
            return
        if place < self._at:
            raise tarfile.ReadError("it leads back")
        self._back = False
        while self._at < place:
            if not self._next(min(_PIECE, place - self._at)):
                raise tarfile.ReadError("unexpected end of data")

    def _next(self, size: int) -> bytes:
        if self._at + size > self._limit:
            size = self._limit - self._at + 1
        try:
            found = self._stream.read(size)
        except (OSError, EOFError, zlib.error) as cause:
            raise tarfile.ReadError(str(cause)) from cause
        self._at += len(found)
        if self._at > self._limit:
            raise TooMuch
        self._last = found[-1:] or self._last
        return found
