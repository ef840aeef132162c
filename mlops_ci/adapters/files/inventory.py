"""What is in the folder of a store, and taking it out."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.files.durable import TEMPORARY, publish
from mlops_ci.adapters.files.layers import own_store
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.adapters.formats import FORMAT_NAME, PULL_REQUESTS
from mlops_ci.errors import ProviderError
from mlops_ci.ports.upkeep import Held

_DIGEST = re.compile(r"[0-9a-f]{64}")
_ASIDE = "gc-"
"""Begins the name of an artifact in the folder of half-written files while it is taken out."""


@dataclass(frozen=True, slots=True)
class FolderInventory:
    """Implements `ports.upkeep.Inventory` for the folder of a store."""

    store: Path

    def records(self) -> Iterator[Held]:
        """Yield every record, sorted by name."""
        for name, stamp in FolderRecords(self.store).names(""):
            size, _, changed = stamp.partition("-")
            yield Held(name, int(size), int(changed) / 1e9)

    def artifacts(self) -> Iterator[Held]:
        """Yield every artifact, sorted by digest."""
        for folder in _sorted(self.store / "artifacts" / "sha256"):
            for entry in _sorted(folder):
                name = os.path.basename(entry)  # noqa: PTH119 - a name among a million
                if _DIGEST.fullmatch(name) and name.startswith(os.path.basename(folder)):  # noqa: PTH119
                    yield from _held(entry, name)

    def strays(self) -> Iterator[Held]:
        """Yield what is neither record nor artifact nor a pull request's, by its path in the store, sorted."""
        known = {"records", "artifacts", PULL_REQUESTS, FORMAT_NAME}
        places = [place for place in _sorted(self.store) if os.path.basename(place) not in known]  # noqa: PTH119
        for place in (*places, str(self.store / "artifacts")):
            for base, folders, names in os.walk(place) if os.path.isdir(place) else [("", [], [place])]:  # noqa: PTH112
                folders.sort()
                for name in sorted(names):
                    path = os.path.join(base, name)  # noqa: PTH118
                    below = os.path.relpath(path, self.store)
                    if not re.fullmatch(r"artifacts/sha256/([0-9a-f]{2})/\1[0-9a-f]{62}", below):
                        yield from _held(path, below)

    def pull_requests(self) -> Iterator[Held]:
        """Yield what each pull request keeps, by its id."""
        for place in _sorted(self.store / PULL_REQUESTS):
            if os.path.isdir(place):  # noqa: PTH112
                yield Held(os.path.basename(place), *measured(Path(place)))  # noqa: PTH119


def measured(folder: Path) -> tuple[int, float]:
    """Return the bytes of all files below a folder, and the newest time in it (seconds since the epoch)."""
    size, newest = 0, folder.lstat().st_mtime
    for base, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                about = os.lstat(os.path.join(base, name))  # noqa: PTH118
                size, newest = size + about.st_size, max(newest, about.st_mtime)
    return size, newest


def _sorted(folder: Path | str) -> list[str]:
    with guarded("list", Path(folder)):
        try:
            with os.scandir(folder) as entries:
                return sorted(entry.path for entry in entries)
        except (FileNotFoundError, NotADirectoryError):
            return []


def _held(path: str, name: str) -> Iterator[Held]:
    with suppress(FileNotFoundError):
        about = os.lstat(path)
        yield Held(name, about.st_size, about.st_mtime)


@dataclass(frozen=True, slots=True)
class FolderPruning:
    """Implements `ports.upkeep.Pruning` for the folder of a store."""

    store: Path

    def remove_record(self, name: str) -> None:
        """Take a record out, in whichever layout it is."""
        for place in FolderRecords(self.store).places(name):
            with guarded("remove", place), suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                place.unlink()

    def remove_artifact(self, digest: str, *, before: float) -> bool:
        """Take an artifact out unless it was put again since; return whether.

        It is moved aside before its time is looked at, so that whoever puts it at that moment does not lose it: what
        was put again is given its name again, what is put later is put anew.
        """
        if not _DIGEST.fullmatch(digest):
            raise ProviderError(f"{digest!r} is no digest", hint="mlops-ci store check")
        place, aside = self._place(digest), self.store / TEMPORARY / f"{_ASIDE}{digest}"
        with guarded("remove", place):
            aside.parent.mkdir(exist_ok=True)
            try:
                place.rename(aside)
            except FileNotFoundError:
                return False
            if aside.stat().st_mtime >= before:
                publish(aside, place)
                aside.unlink(missing_ok=True)
                return False
            aside.unlink()
        return True

    def remove_draft(self, path: str) -> None:
        """Take a half-written file out; nothing else, whatever the path says."""
        folder, _, name = path.rpartition("/")
        if folder == TEMPORARY and name not in {"", ".."}:
            with guarded("remove", self.store / path):
                (self.store / path).unlink(missing_ok=True)

    def remove_pull_request(self, pull_request: str) -> None:
        """Take out all that a pull request keeps; a link that stands for its folder goes, not what it leads to."""
        place = own_store(self.store, pull_request)
        with guarded("remove", place):
            if place.is_symlink():
                place.unlink()
            else:
                shutil.rmtree(place)

    def restore(self) -> None:
        """Put back what somebody was killed over while taking it out."""
        for path in _sorted(self.store / TEMPORARY):
            aside = Path(path)
            digest = aside.name.removeprefix(_ASIDE)
            if aside.name.startswith(_ASIDE) and _DIGEST.fullmatch(digest):
                with guarded("restore", aside):
                    publish(aside, self._place(digest))
                    aside.unlink(missing_ok=True)

    def _place(self, digest: str) -> Path:
        return self.store / "artifacts" / "sha256" / digest[:2] / digest
