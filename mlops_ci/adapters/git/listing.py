"""Listings of a snapshot's files: of the places that are asked for, and of everything once somebody looks beyond."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

Blobs: TypeAlias = tuple[tuple[str, str], ...]
"""Sorted (path, blob id) pairs."""


@dataclass(frozen=True)
class Listed:
    """Files with their blob ids, and symbolic links, which are never followed; both sorted by path."""

    blobs: Blobs = ()
    links: tuple[str, ...] = ()

    @cached_property
    def ids(self) -> dict[str, str]:
        """Blob ids by path."""
        return dict(self.blobs)


Start: TypeAlias = Callable[[tuple[str, ...]], Callable[[], Listed]]
"""Starts listing the files at or below some paths (none: all of them), and gives what waits for the answer."""


def below(blobs: Blobs, prefix: str) -> Blobs:
    """Return the pairs at or below a path. An empty prefix is everything."""
    if not prefix:
        return blobs
    prefix = prefix.rstrip("/")
    exact = bisect_left(blobs, (prefix, ""))
    itself = blobs[exact : exact + 1] if exact < len(blobs) and blobs[exact][0] == prefix else ()
    first = bisect_left(blobs, (prefix + "/", ""), lo=exact)
    return itself + blobs[first : bisect_left(blobs, (prefix + "0", ""), lo=first)]  # "0" comes right after "/"


def covered(links: Collection[str], path: str) -> bool:
    """Return whether a path is one of the links, or lies below one."""
    at = len(path)
    while at > 0 and links:
        if path[:at] in links:
            return True
        at = path.rfind("/", 0, at)
    return False


class Listing:
    """The files of a snapshot. git begins to list them at once, and is waited for when somebody asks.

    `scope` are the places that will be asked for; whoever asks for another one waits for the whole listing, once.
    """

    def __init__(self, start: Start, scope: tuple[str, ...]) -> None:
        self._start = start
        self._scope = scope
        self._wait: Callable[[], Listed] | None = start(scope)
        self._found = Listed()
        self._lock = threading.Lock()

    def blobs(self, prefix: str) -> Blobs:
        """Return the pairs at or below a path."""
        return below(self._covering(prefix).blobs, prefix)

    def links(self, prefix: str) -> tuple[str, ...]:
        """Return the symbolic links at or below a path."""
        found = self._covering(prefix).links
        return tuple(link for link in found if not prefix or link == prefix or link.startswith(f"{prefix}/"))

    def id_of(self, path: str) -> str | None:
        """Return the blob id of a file, or None where the snapshot has no such file."""
        return self._covering(path).ids.get(path)

    def leads_away(self, path: str) -> bool:
        """Return whether a path is a symbolic link, or lies below one."""
        return covered(self._covering(path).links, path)

    def _covering(self, prefix: str) -> Listed:
        with self._lock:
            if self._scope and not any(prefix == place or prefix.startswith(place + "/") for place in self._scope):
                self._scope = ()
                self._wait = self._start(())
            if self._wait is not None:
                self._found, self._wait = self._wait(), None
            return self._found
