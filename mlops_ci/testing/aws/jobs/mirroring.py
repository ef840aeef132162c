"""A job's folder whose files go to S3 while it runs: checkpoints, and outputs that are uploaded continuously."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

from mlops_ci.testing.aws.buckets import Buckets

_EVERY = 0.5
"""Seconds between two looks."""


class Mirror:
    """Keeps a folder's files in S3, while it is entered and once more at the end; what was there before stays away."""

    def __init__(self, buckets: Buckets, folder: Path, uri: str) -> None:
        self._buckets = buckets
        self._uri = uri.rstrip("/")
        self._folder = folder
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"mirror of {folder}", daemon=True)
        self._known: dict[Path, tuple[int, int]] = self._seen()

    def __enter__(self) -> None:
        """Begin."""
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Copy what is new, and stop."""
        self._over.set()
        self._thread.join()
        self._copy()

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            self._copy()

    def _copy(self) -> None:
        seen = self._seen()
        for path in [path for path, state in seen.items() if self._known.get(path) != state]:
            try:
                content = path.read_bytes()
            except OSError:
                continue  # it was a draft
            self._buckets.put(f"{self._uri}/{path.relative_to(self._folder).as_posix()}", content)
            self._known[path] = seen[path]

    def _seen(self) -> dict[Path, tuple[int, int]]:
        found: dict[Path, tuple[int, int]] = {}
        for path in self._folder.rglob("*"):
            try:
                state = path.stat()
            except OSError:
                continue
            if path.is_file():
                found[path] = (state.st_mtime_ns, state.st_size)
        return found
