"""The folders beside the store: of jobs, of unpacked packages, of datasets; which of them nothing uses now."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.local.outcome import status_of
from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Running
from mlops_ci.ports.upkeep import Site, SiteKind
from mlops_ci.runtime import jobfolder

_DIGEST = re.compile(r"[0-9a-f]{64}")

_LIVELY = frozenset({SiteKind.JOB, SiteKind.PULL_REQUEST})
"""What is used when something is written in it; the others are renewed as a whole when they are used."""


@dataclass(frozen=True, slots=True)
class LocalWorksites:
    """Implements `ports.upkeep.Worksites` for `.mlops-ci` (`state`). `jobs` is the folder of this target's jobs."""

    state: Path
    jobs: Path

    def idle(self) -> Iterator[Site]:
        """Yield the folders of jobs that ended, of packages and datasets that no endpoint and no running job uses, and
        of pull requests that no job runs for.

        While any job runs here, every dataset counts as used: large files are linked into a job's folder.
        """
        for folder in _folders(self.state / "pr", "*"):
            jobs = (job for root in _folders(folder, "jobs*") for job in _folders(root, "*"))
            if not folder.name.startswith(".") and all(job.name.startswith(".") or _is_ended(job) for job in jobs):
                yield _site(SiteKind.PULL_REQUEST, folder)
        runs = False
        for folder in (job for root in _folders(self.state, "jobs*") for job in _folders(root, "*")):
            if folder.name.startswith("."):
                continue
            if not _is_ended(folder):
                runs = True
            elif folder.parent == self.jobs:
                yield _site(SiteKind.JOB, folder)
        if runs:
            return
        served = self._served()
        for folder in _folders(self.state / "packages", "*"):
            if _DIGEST.fullmatch(folder.name) and folder.name not in served:
                yield _site(SiteKind.PACKAGE, folder)
        for folder in _folders(self.state / "datasets", "*"):
            if _DIGEST.fullmatch(folder.name):
                yield _site(SiteKind.DATASET, folder)

    def remove(self, site: Site) -> None:
        """Take a folder away: out of its place first, so that nobody finds half of it."""
        place = Path(site.path)
        aside = place.with_name(f".removed-{place.name}")
        if not place.is_relative_to(self.state):
            raise ProviderError(f"`{place}` is not below `{self.state}`", hint="mlops-ci store gc")
        with guarded("remove", place):
            for left in place.parent.glob(".removed-*"):  # somebody was killed over these
                shutil.rmtree(left, ignore_errors=True)
            with suppress(FileNotFoundError):
                place.rename(aside)
                shutil.rmtree(aside)

    def _served(self) -> frozenset[str]:
        """Return every digest that the state of an endpoint names, of any target."""
        found: set[str] = set()
        for root in _folders(self.state, "endpoints*"):
            for place in root.glob("*/*/*.json"):
                with guarded("read", place), suppress(FileNotFoundError):
                    found |= {*_DIGEST.findall(place.read_text("utf-8", "replace"))}
        return frozenset(found)


def _is_ended(folder: Path) -> bool:
    """Return whether a job's folder is of a job that ended, or of one that cannot be told to run."""
    if not jobfolder.has_begun(folder):
        return False  # somebody may be about to start it
    return not isinstance(status_of(folder), Running)


def _folders(folder: Path, pattern: str) -> list[Path]:
    return sorted(place for place in folder.glob(pattern) if place.is_dir() and not place.is_symlink())


def _site(kind: SiteKind, folder: Path) -> Site:
    size, newest = 0, folder.stat().st_mtime
    for base, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                about = Path(base, name).lstat()
                size += about.st_size
                newest = max(newest, about.st_mtime) if kind in _LIVELY else newest
    return Site(kind, folder.name, str(folder), size, newest)
