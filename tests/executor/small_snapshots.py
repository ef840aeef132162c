"""Snapshots in memory."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class SmallSnapshots:
    """`Snapshots` in a mapping."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def load(self, name: str) -> bytes:
        return self.kept.get(name, b"")

    def save(self, name: str, content: bytes) -> None:
        self.kept[name] = content
