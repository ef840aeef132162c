"""Snapshots in a folder, each a file that is replaced as a whole."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FolderSnapshots:
    """Implements `ports.snapshots.Snapshots`. Deleting `folder` changes nothing but time."""

    folder: Path

    def load(self, name: str) -> bytes:
        """Return what was kept last, or nothing."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return b""

    def save(self, name: str, content: bytes) -> None:
        """Keep content; where the disk refuses it, what was there stays."""
        draft = self.folder / f".{name}.{os.getpid()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            draft.replace(self.folder / name)
        except OSError:
            with suppress(OSError):
                draft.unlink()
