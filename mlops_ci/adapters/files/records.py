"""Facts in a folder: one read-only file each, all of a model beside each other in `records/<model>/`.

The parts of a name behind the first are joined by `~`: `churn/seen/1-ab` is `records/churn/seen~1-ab`. Listing what is
known of a model is then reading one folder, however much that is. A store of the first layout had a folder a part; what
is copied in from such a store is read like the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.files.durable import drafted, publish, settle
from mlops_ci.adapters.files.layout import check, make_ready
from mlops_ci.errors import ProviderError
from mlops_ci.ports.stores import JOINT, place_of


@dataclass(frozen=True, slots=True)
class FolderRecords:
    """A `RecordStore` in the folder of a store. Such folders merge by copying one over the other."""

    store: Path

    def put(self, name: str, content: bytes) -> bool:
        """Keep `content` under `name` if nothing is there; return whether it was this call that put it.

        Raises:
            ProviderError: the name leaves the store, or the store cannot be written; nothing half-written is left.

        """
        target, nested = self.places(name)
        if target.is_file() or (nested != target and nested.is_file()):
            return False
        check(self.store)
        with guarded("record in", target), drafted(self.store) as (stream, draft):
            stream.write(content)
            settle(stream)
            make_ready(self.store)
            return publish(draft, target)

    def get(self, name: str) -> bytes | None:
        """Return what is kept under `name`, or None.

        Raises:
            ProviderError: the name leaves the store, or the file cannot be read.

        """
        flat, nested = self.places(name)
        # Once more in the end: somebody may have brought the store up to date between the two looks.
        found = (_content(place) for place in ((flat,) if flat == nested else (flat, nested, flat)))
        return next((content for content in found if content is not None), None)

    def scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Return every (name, content) whose name starts with `prefix`, sorted by name.

        Names are listed at once and contents read one by one. A file that somebody removes meanwhile is left out.
        """
        read = ((name, _content(place)) for name, _, place in self._files(prefix))
        # What is not there any more may have been moved to today's layout meanwhile.
        found = ((name, self.get(name) if content is None else content) for name, content in read)
        return ((name, content) for name, content in found if content is not None)

    def listed(self, prefix: str) -> tuple[str, ...]:
        """Return every name that starts with `prefix`, sorted; in a folder of today's layout no file is looked at."""
        model, is_one, rest = prefix.partition("/")
        root = self.places(model)[0] if is_one and not rest else None
        if root is not None and root.is_dir():
            with guarded("list", root), os.scandir(root) as entries:
                found = [(entry.name, entry.is_dir()) for entry in entries if entry.name[0] != "."]
            if not any(is_folder for _, is_folder in found):
                return tuple(sorted([prefix + name.replace(JOINT, "/") for name, _ in found]))
        return tuple([name for name, _ in self.names(prefix)])

    def names(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return every (name, stamp) whose name starts with `prefix`, sorted by name; nothing is read.

        A stamp is size and time of change: it differs where somebody put other bytes under the name.
        """
        return tuple([(name, stamp) for name, stamp, _ in self._files(prefix)])

    def listing(self, models: tuple[str, ...]) -> FolderRecords:
        """Return this store: a folder is near."""
        del models
        return self

    def loaded(self, models: tuple[str, ...]) -> FolderRecords:
        """Return this store."""
        del models
        return self

    def settle(self) -> None:
        """Do nothing."""

    def _files(self, prefix: str) -> list[RecordFile]:
        """Return the files whose record's name starts with `prefix`, sorted by that name."""
        first, has_more, rest = prefix.partition("/")
        root = self.places(first)[0] if has_more else self.store / "records"
        with guarded("list", root):
            found = _below(str(root), f"{first}/" if has_more else "", flat=bool(has_more))
        return sorted(found if has_more and not rest else [file for file in found if file[0].startswith(prefix)])

    def places(self, name: str) -> tuple[Path, Path]:
        """Return where a record is kept, and where a store of the first layout has it.

        Raises:
            ProviderError: the name leaves the store.

        """
        parts = name.split("/")
        if any(not part or part.startswith(".") or any(c in part for c in ("\0", "\\", JOINT)) for part in parts):
            raise ProviderError(
                f"{name!r} is no name of a record",
                hint=f"a name is parts joined by `/`; none starts with a dot or has a `{JOINT}`",
            )
        return self.store / place_of(name), self.store.joinpath("records", *parts)


RecordFile: TypeAlias = tuple[str, str, str]
"""A record's name, its stamp, and its file; sixty thousand of them are listed for one view."""


def _content(place: Path | str) -> bytes | None:
    with guarded("read", place):
        try:
            with open(place, "rb", buffering=0) as stream:  # noqa: PTH123 - ten thousand times a plan
                return stream.readall()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None


def _below(folder: str, prefix: str, *, flat: bool) -> list[RecordFile]:
    """Return the files at or below a folder, unsorted, no name twice; a folder that is not there has none.

    In a `flat` one the joints of file names stand for `/`; at the top, where names of one part are, they do not. Where
    there are folders of the first layout its files are listed again: what is moved meanwhile is seen there or here.
    """
    folders, files = _listed(folder, prefix, flat=flat)
    if not folders:
        return files
    for path, below in folders:
        files += _below(path, below, flat=True)
    if flat:
        files += _listed(folder, prefix, flat=flat)[1]
    # Where a name is there in both layouts, the file of today's counts: it comes first.
    return [*{file[0]: file for file in reversed(files)}.values()]


def _listed(folder: str, prefix: str, *, flat: bool) -> tuple[list[tuple[str, str]], list[RecordFile]]:
    """Return (path, prefix of names) of the folders in a folder, and the files beside them."""
    folders: list[tuple[str, str]] = []
    files: list[RecordFile] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name[0] == ".":
                    continue
                if entry.is_dir():
                    folders.append((entry.path, f"{prefix}{name}/"))
                    continue
                try:
                    about = entry.stat()
                except FileNotFoundError:  # somebody removed it meanwhile
                    continue
                said = prefix + (name.replace(JOINT, "/") if flat else name)
                files.append((said, f"{about.st_size}-{about.st_mtime_ns}", entry.path))
    except (FileNotFoundError, NotADirectoryError):
        pass
    return folders, files
