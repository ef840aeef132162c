"""Snapshots in a folder, each a file that is replaced as a whole."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FolderSnapshots:
    """Implements `ports.snapshots.Snapshots`. Deleting `folder` changes nothing but time.

    `code` changes whenever our own code does, and heads each file: what other code derived is not there.
    """

    folder: Path
    code: str

    def load(self, name: str) -> bytes:
        """Return what was kept last, or nothing."""
        try:
            code, _, content = (self.folder / name).read_bytes().partition(b"\n")
        except OSError:
            return b""
        return content if code == self.code.encode() else b""

    def save(self, name: str, content: bytes) -> None:
        """Keep content; where the disk refuses it, what was there stays."""
        from mlops_ci.adapters.drafts import signed, sweep

        draft = self.folder / f"{signed('.')}{name}"
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            sweep(self.folder, ".")
            try:
                draft.write_bytes(b"%s\n%s" % (self.code.encode(), content))
                draft.replace(self.folder / name)
            finally:
                draft.unlink(missing_ok=True)
