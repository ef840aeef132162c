"""Data on S3 as files: known by what a listing says, and downloaded when somebody reads it."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mlops_ci.adapters.drafts import signed, sweep
from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.files.behind import DataFile, Distant
from mlops_ci.adapters.files.listings import Listing, Listings
from mlops_ci.adapters.files.problems import Problems
from mlops_ci.errors import InputsMoved
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model.data import LATEST
from mlops_ci.plan.far import SHOWN
from mlops_ci.ports.far import FarObject

_LENGTH = 32
"""Characters of a version: enough of a sha256 that no two listings share it."""

_OBJECTS = ".objects"
_DRAFT = ".fetching-"


@dataclass(frozen=True, slots=True)
class FarFiles:
    """`root` is the folder of datasets: what was downloaded is below it, and deleting that costs a download."""

    root: Path
    listings: Listings

    def version(self, address: str, problems: Problems) -> str:
        """Return the version of what lies at an address, as this command knows it; empty where nobody may be asked.

        Nothing there is told as a problem.
        """
        found = self.listings.at(address)
        if found is not None and not found:
            problems.add("missing-data", address, f"there is no data at `{address}`",
                         hint=f"aws s3 ls {address}, and correct `data`")  # fmt: skip
        return "" if not found else version_of(found)

    def unmoved(self, address: str, pinned: str) -> Listing:
        """Return what lies there now, which is what was pinned, or what this command listed when it began.

        Raises:
            InputsMoved: something else lies there.

        """
        before = pinned if pinned not in {"", LATEST} else version_of(self.listings.at(address) or ())
        found = self.listings.now(address) or ()
        now = version_of(found) if found else ""
        if now == before:
            return found
        what = "since it was pinned" if before == pinned else "since this command began"
        hint = "`mlops-ci data pin MODEL` takes what is there now" if before == pinned else "type the command again"
        shown = f"{before[:SHOWN]} -> {now[:SHOWN] or 'nothing'}"
        raise InputsMoved(f"data at `{address}` moved {what}: {shown}", hint=hint)

    def files(self, address: str, pinned: str) -> tuple[DataFile, ...]:
        """Return the files at an address; each is fetched when it is opened. Raises as `unmoved`."""
        return tuple(
            DataFile(one.address, one.name, one.tag, Distant(partial(self._fetched, one)))
            for one in self.unmoved(address, pinned)
        )

    def folder(self, address: str) -> Path:
        """Return a folder (or, of one object, a file) of this machine with what this command listed at an address."""
        found = self.listings.at(address) or ()
        place = self.root / _OBJECTS / f"folder-{version_of(found)}"
        if not place.is_dir():
            with guarded("write", place):
                made = self._draft(place.parent)
                for one in found:
                    to = made / one.name
                    to.parent.mkdir(parents=True, exist_ok=True)
                    os.link(self._fetched(one), to)
                made.chmod(0o755)
                _named(made, place)
        return place / found[0].name if len(found) == 1 and found[0].address == address else place

    def _fetched(self, one: FarObject) -> Path:
        """Return the file with an object's content. Raises `InputsMoved` where it has another one by now."""
        place = self.root / _OBJECTS / digest([one.address, one.size, one.tag])
        with self.listings.fetching, guarded("write", place):
            if not place.is_file():
                made = self._draft(place.parent)
                try:
                    self.listings.objects.fetch(one, made / "object")
                    (made / "object").chmod(0o444)
                    (made / "object").replace(place)
                finally:
                    shutil.rmtree(made, ignore_errors=True)
        return place

    def _draft(self, below: Path) -> Path:
        below.mkdir(parents=True, exist_ok=True)
        sweep(below, _DRAFT)
        return Path(tempfile.mkdtemp(dir=below, prefix=signed(_DRAFT)))


def version_of(found: Listing) -> str:
    """Return the version of a listing: the digest of names, sizes and tags; where they lie is no part of it."""
    return digest([[one.name, one.size, one.tag] for one in found])[:_LENGTH]


def _named(made: Path, place: Path) -> None:
    """Give a folder its name; where somebody made the same meanwhile, theirs stays."""
    try:
        made.rename(place)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        if not place.is_dir():
            raise
