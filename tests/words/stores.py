"""What the cases need beside files: an artifact store that is a folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folder:
    """An artifact store that is a folder of files named by their sha256."""

    place: Path

    def put(self, source: Path | bytes) -> str:
        content = source if isinstance(source, bytes) else source.read_bytes()
        name = hashlib.sha256(content).hexdigest()
        self.place.mkdir(exist_ok=True)
        (self.place / name).write_bytes(content)
        return name

    def fetch(self, digest: str) -> Path:
        return self.place / digest

    def has(self, digest: str) -> bool:
        return (self.place / digest).exists()
