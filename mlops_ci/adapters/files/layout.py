"""The version of a store's layout: `format.json` at its top, and the way from the first layout to today's.

Version 1 had a folder a part of a record's name, and no such file. Version 2 has all of a model's records beside each
other. A store is brought up to date by whoever writes to it first; readers understand both.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.files.durable import TEMPORARY, drafted, publish, settle
from mlops_ci.adapters.formats import FORMAT, FORMAT_NAME, TODAY, version_in
from mlops_ci.errors import ProviderError
from mlops_ci.ports.stores import JOINT


def check(store: Path) -> int:
    """Return the version of a store's layout; 1 where it does not say, also where there is nothing.

    Raises:
        ProviderError: a newer mlops-ci wrote it: what this one would read and write there is wrong; or a file is in the
            place of the folder.
        IntegrityError: what says the version is damaged.

    """
    place = store / FORMAT_NAME
    with guarded("read", place):
        try:
            content = place.read_bytes()
        except FileNotFoundError:
            return 1
        except NotADirectoryError as error:
            hint = "move it away, or name a folder as `store` in mlops-ci.yaml"
            raise ProviderError(f"the store `{store}` is a file, or below one", hint=hint) from error
    hint = f"copy it from a backup; where there is none: echo '{TODAY.decode().strip()}' > {place}"
    return version_in(content, str(place), str(store), hint)


def make_ready(store: Path) -> int:
    """Return how many records were moved to today's layout, once, by the first who writes to a store.

    Each gets its new name before it loses the old one, so whoever is killed in between loses nothing and the next goes
    on; of two at once the second waits. `format.json` comes last.

    Raises:
        ProviderError: a newer mlops-ci wrote the store, or it cannot be written.
        IntegrityError: what says the version is damaged.

    """
    if check(store) == FORMAT:
        return 0
    with guarded("bring up to date", store):
        if not _folders(store / "records"):
            _say(store)
            return 0
        with _turn(store):
            if check(store) == FORMAT:
                return 0
            moved = sum(_flattened(place) for place in _folders(store / "records"))
            _say(store)
    return moved


def _say(store: Path) -> None:
    with drafted(store) as (stream, draft):
        stream.write(TODAY)
        settle(stream)
        publish(draft, store / FORMAT_NAME)


def _folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, sorted; none where there is no such folder."""
    try:
        return sorted(place for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _flattened(model: Path) -> int:
    """Return how many records of a model were moved up to its folder."""
    moved = 0
    for kind in _folders(model):
        for place, name in _files(kind, kind.name):
            moved += _moved(place, model / name)
        for base, _, _ in os.walk(kind, topdown=False):
            with suppress(OSError):  # something is in it that is no record
                Path(base).rmdir()
    return moved


def _files(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    for place in sorted(folder.iterdir()):
        if place.name.startswith("."):
            continue
        below = f"{name}{JOINT}{place.name}"
        if place.is_dir():
            yield from _files(place, below)
        else:
            yield place, below


def _moved(old: Path, new: Path) -> bool:
    """Return whether a record has its new name alone now; one that has other bytes under that name stays."""
    if not publish(old, new) and old.is_file():
        content = new.read_bytes()
        if not content:  # somebody was killed where names cannot be linked
            old.replace(new)
            return True
        if content != old.read_bytes():
            return False
    with suppress(FileNotFoundError):
        old.unlink()
    return True


@contextmanager
def _turn(store: Path) -> Iterator[None]:
    """Be the only one who moves records in a store; a killed holder's lock is free."""
    folder = store / TEMPORARY
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "format.lock"
    with place.open("ab") as lock:
        with suppress(OSError):  # a file system without locks: moving twice is moving once
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        place.unlink(missing_ok=True)  # whoever waits for it finds nothing left to do
