"""The stores of a world in memory: small and real."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mlops_ci.errors import ProviderError


def place(at: Path, content: bytes) -> None:
    """Let a file hold `content`, whole at any moment: another thread may read what is written again."""
    with tempfile.NamedTemporaryFile(dir=at.parent, delete=False) as half:
        half.write(content)
    Path(half.name).replace(at)


@dataclass
class SmallRecords:
    """A `RecordStore`."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, content: bytes) -> bool:
        if name in self.kept:
            return False
        self.kept[name] = content
        return True

    def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        kept = list(self.kept.items())  # in one step: other threads put meanwhile
        return iter(sorted((name, content) for name, content in kept if name.startswith(prefix)))

    def listed(self, prefix: str) -> tuple[str, ...]:
        return tuple(name for name, _ in self.scan(prefix))

    def names(self, prefix: str) -> tuple[tuple[str, str], ...]:
        return tuple((name, hashlib.sha256(content).hexdigest()) for name, content in self.scan(prefix))

    def listing(self, models: tuple[str, ...]) -> SmallRecords:
        del models
        return self

    def loaded(self, models: tuple[str, ...]) -> SmallRecords:
        del models
        return self

    def settle(self) -> None:
        pass


@dataclass
class SmallArtifacts:
    """An `ArtifactStore` in a folder, since what it hands out are paths."""

    root: Path

    def put(self, source: Path | bytes) -> str:
        content = source if isinstance(source, bytes) else source.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        place(self.root / digest, content)
        return digest

    def fetch(self, digest: str) -> Path:
        if not self.has(digest):
            raise ProviderError(f"{digest[:12]} is not in the store")
        return self.root / digest

    def has(self, digest: str) -> bool:
        return (self.root / digest).is_file()
