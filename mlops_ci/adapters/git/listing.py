"""Listings of a snapshot's files: of the places that are asked for, and of everything once somebody looks beyond."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable
from typing import TypeAlias

Blobs: TypeAlias = tuple[tuple[str, str], ...]
"""Sorted (path, blob id) pairs."""

Listed: TypeAlias = tuple[Blobs, tuple[str, ...]]
"""The files, and the sorted paths of symbolic links, which are none."""

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


class Listing:
    """The files of a snapshot. git begins to list them at once, and is waited for when somebody asks.

    `scope` are the places that will be asked for; whoever asks for another one waits for the whole listing, once.
    """

    def __init__(self, start: Start, scope: tuple[str, ...]) -> None:
        self._start = start
        self._scope = scope
        self._wait: Callable[[], Listed] | None = start(scope)
        self._found: Listed = ((), ())
        self._lock = threading.Lock()

    def blobs(self, prefix: str) -> Blobs:
        """Return the pairs at or below a path."""
        return below(self._covering(prefix)[0], prefix)

    def links(self, prefix: str) -> tuple[str, ...]:
        """Return the links at or below a path, or above it; above a scope nothing is known of."""
        links = self._covering(prefix)[1]
        return tuple(
            at for at in links if not prefix or f"{at}/".startswith(f"{prefix}/") or prefix.startswith(f"{at}/")
        )

    def id_of(self, path: str) -> str | None:
        """Return the blob id of a file, or None where the snapshot has no such file."""
        blobs, _ = self._covering(path)
        at = bisect_left(blobs, (path, ""))
        return blobs[at][1] if at < len(blobs) and blobs[at][0] == path else None

    def _covering(self, prefix: str) -> Listed:
        with self._lock:
            if self._scope and not any(_covers(place, prefix) for place in self._scope):
                self._scope, self._wait = (), self._start(())
            if self._wait is not None:
                self._found, self._wait = self._wait(), None
            return self._found


def _covers(place: str, prefix: str) -> bool:
    return prefix == place or prefix.startswith(place + "/")
