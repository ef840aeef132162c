"""Facts in a folder: one read-only file each, at `records/<name>`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.files.durable import drafted, publish, settle
from mlops_ci.errors import ProviderError


@dataclass(frozen=True, slots=True)
class FolderRecords:
    """A `RecordStore` in the folder of a store. Such folders merge by copying one over the other."""

    store: Path

    def put(self, name: str, content: bytes) -> bool:
        """Keep `content` under `name` if nothing is there; return whether it was this call that put it.

        Raises:
            ProviderError: the name leaves the store, or the store cannot be written; nothing half-written is left.

        """
        target = self._place(name)
        if target.is_file():
            return False
        with guarded("record in", target), drafted(self.store) as (stream, draft):
            stream.write(content)
            settle(stream)
            return publish(draft, target)

    def get(self, name: str) -> bytes | None:
        """Return what is kept under `name`, or None.

        Raises:
            ProviderError: the name leaves the store, or the file cannot be read.

        """
        place = self._place(name)
        with guarded("read", place):
            try:
                return place.read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None

    def scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Return every (name, content) whose name starts with `prefix`, sorted by name.

        Names are listed at once and contents read one by one. A file that somebody removes meanwhile is left out.
        """
        folder, _, _ = prefix.rpartition("/")
        root = self._place(folder) if folder else self.store / "records"
        with guarded("list", root):
            names = sorted(name for name in _below(root, f"{folder}/" if folder else "") if name.startswith(prefix))
        return ((name, content) for name in names if (content := self.get(name)) is not None)

    def _place(self, name: str) -> Path:
        parts = name.split("/")
        if any(not part or part.startswith(".") or "\0" in part or "\\" in part for part in parts):
            raise ProviderError(
                f"{name!r} is no name of a record", hint="a name is parts joined by `/`, none starts with a dot"
            )
        return self.store.joinpath("records", *parts)


def _below(folder: Path, prefix: str) -> Iterator[str]:
    """Return the names of the files at or below a folder, unsorted; a folder that is not there has none."""
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return
    for name, is_folder in found:
        if is_folder:
            yield from _below(folder / name, f"{prefix}{name}/")
        else:
            yield prefix + name
