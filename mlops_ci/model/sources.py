"""How globs become a code folder: which files a job or an endpoint is given, and at which paths."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import pairwise


def placed(globs: Iterable[str], paths: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (path in the code folder, path given) for every path that a glob matches, sorted.

    Globs and paths have the same root. `*`, `?` and `[...]` stay within a folder, `**` crosses folders; a glob without
    wildcards is a file, or a folder with all below it. A file lands at its path without the glob's fixed folder, so
    `src/train/**` puts `src/train/linear.py` at `linear.py`; the first glob that matches a file places it.
    `__pycache__` folders and `.pyc` files are never placed. Two files may claim one path: both are returned.
    """
    return _placed(tuple(globs), tuple(paths))


@lru_cache(maxsize=16)  # the candidates of a model mostly share their globs
def _placed(globs: tuple[str, ...], paths: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    rules = [_parts(glob) for glob in globs]
    found: set[tuple[str, str]] = set()
    for path in paths:
        names = path.split("/")
        if path.endswith(".pyc") or "__pycache__" in names:
            continue
        place = next((at for at in (_place(rule, names) for rule in rules) if at is not None), None)
        if place is not None:
            found.add(("/".join(names[place:]), path))
    return tuple(sorted(found))


def within(folder: str, path: str) -> str | None:
    """Return `path`, relative to `folder`, as a path from the root; None where it is no path that stays there.

    An absolute one, an address, and one that leaves the root are none. `.` and `..` are resolved by name: nothing is
    read. The root itself is an empty string.
    """
    if path.startswith("/") or "://" in path or "\\" in path or "\0" in path:
        return None
    parts = [part for part in folder.split("/") if part]
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def visible(blobs: tuple[tuple[str, str], ...], place: str) -> tuple[tuple[str, str], ...]:
    """Return those of the files at or below `place` that are data: no name below it starts with a dot."""
    return tuple((path, blob) for path, blob in blobs if not is_hidden(path[len(place) :]))


def is_hidden(below: str) -> bool:
    """Return whether a part of a path starts with a dot."""
    return any(part.startswith(".") for part in below.split("/"))


def _parts(glob: str) -> list[str]:
    """Return a glob's parts, without parts that mean nothing; `**` twice in a row is `**`."""
    parts = [part for part in glob.split("/") if part not in {"", "."}]
    return [*parts[:1], *(part for before, part in pairwise(parts) if not before == part == "**")]


def _place(rule: list[str], names: list[str]) -> int | None:
    """Return how many leading folders of a path the code folder leaves out; None where the rule does not match."""
    wild = next((at for at, part in enumerate(rule) if set(part) & set("*?[")), None)
    if wild is None:
        # A plain name may be a file or a folder; the path decides.
        if names[: len(rule)] != rule:
            return None
        return min(len(rule), len(names) - 1)
    return min(wild, len(rule) - 1) if names[:wild] == rule[:wild] and _matches(rule[wild:], names[wild:]) else None


def _matches(rule: list[str], names: list[str]) -> bool:
    """Return whether a rule matches all names: a table of which beginnings match, so that time grows with both only."""
    ends = [True] + [False] * len(names)
    for at, part in enumerate(rule):
        if part == "**":
            # One that ends the rule needs a name below it.
            first = ends.index(True) if True in ends else len(ends)
            start = first + (at == len(rule) - 1)
            ends = [index >= start for index in range(len(ends))]
        else:
            ends = [False] + [ends[index] and fnmatchcase(name, part) for index, name in enumerate(names)]
    return ends[-1]
