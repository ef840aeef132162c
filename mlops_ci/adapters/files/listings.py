"""What lies below addresses of S3, listed once a command: by this process, or by a child that was forked from it."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import IO

from mlops_ci.ports.far import FarObject, FarObjects

Listing = tuple[FarObject, ...]
_WRITING = 0
"""The byte that is locked while the file grows; those behind it stand for addresses."""


class Listings:
    """Listings by address. The file has no name: children inherit it, and it ends with the last of them.

    `fetching` is held by whoever fetches: two trainings that begin at once want the same.
    """

    def __init__(self, objects: FarObjects) -> None:
        self.objects = objects
        self.fetching = Lock()
        self._known: dict[str, Listing | None] = {}
        self._lock = Lock()
        self._shared: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as this is
        self._read = 0

    def at(self, address: str) -> Listing | None:
        """Return what lies at or below an address, as it was when this command first asked; None: nobody may be asked.

        Raises:
            ProviderError: it cannot be listed.

        """
        with self._lock:
            if address not in self._known:
                with self._locked(1 + zlib.crc32(address.encode())):
                    self._catch_up()
                    if address not in self._known:
                        self._tell(address, self.objects.listed(address))
            return self._known[address]

    def now(self, address: str) -> Listing | None:
        """Return what lies there at this moment."""
        return self.objects.listed(address)

    @contextmanager
    def _locked(self, byte: int) -> Iterator[None]:
        """Keep other processes out: a lock on a byte of the file, which need not be there."""
        fcntl.lockf(self._shared, fcntl.LOCK_EX, 1, byte)
        try:
            yield
        finally:
            fcntl.lockf(self._shared, fcntl.LOCK_UN, 1, byte)

    def _catch_up(self) -> None:
        """Take what others listed meanwhile; a line that is being written is none yet."""
        said = os.pread(self._shared.fileno(), os.fstat(self._shared.fileno()).st_size - self._read, self._read)
        whole = said[: said.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            address, found = json.loads(line)
            self._known[address] = None if found is None else tuple(FarObject(*one) for one in found)

    def _tell(self, address: str, found: Listing | None) -> None:
        self._known[address] = found
        plain = None if found is None else [[one.address, one.name, one.size, one.tag] for one in found]
        with self._locked(_WRITING):
            end = os.fstat(self._shared.fileno()).st_size
            os.pwrite(self._shared.fileno(), json.dumps([address, plain]).encode() + b"\n", end)
