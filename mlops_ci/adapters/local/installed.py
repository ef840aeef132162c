"""Which distributions are installed, read from folder names: `importlib.metadata` costs 60 ms, this one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_FOLDER = re.compile(r"(?P<name>[A-Za-z0-9._]+)-(?P<version>[^-]+)(?:-py[0-9.]+)?\.(?:dist-info|egg-info)")
_NAMED = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[|[=<>!~;@#]|$)", re.MULTILINE)


def normal(name: str) -> str:
    """Return a distribution's name as comparisons need it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def site_folders(path: Iterable[str]) -> tuple[Path, ...]:
    """Return the folders of an interpreter's `sys.path` that distributions are installed in."""
    return tuple(dict.fromkeys(Path(p) for p in path if Path(p).name in {"site-packages", "dist-packages"}))


def installed(folders: Iterable[Path]) -> dict[str, str]:
    """Return version by normalised name; a folder hides what later ones have of the same name."""
    found: dict[str, str] = {}
    for folder in folders:
        with suppress(FileNotFoundError, NotADirectoryError):
            for name, version in _listed(folder, folder.stat().st_mtime_ns):
                found.setdefault(name, version)
    return found


@lru_cache(maxsize=64)
def _listed(folder: Path, _changed: int) -> tuple[tuple[str, str], ...]:
    """Return (name, version) of what is in a folder; every job asks, and the time of its last change says if anew."""
    names = os.listdir(folder)  # noqa: PTH208 - names are all that is needed, 5,000 of them
    return tuple((normal(match["name"]), match["version"]) for match in filter(None, map(_FOLDER.fullmatch, names)))


def named(requirements: str) -> frozenset[str]:
    """Return the normalised names of the distributions that a requirements file names itself."""
    wheels = re.findall(r"([A-Za-z0-9._]+)-[^-/\s]+-[^/\s]+\.whl", requirements)
    return frozenset(map(normal, [*_NAMED.findall(requirements), *wheels]))
