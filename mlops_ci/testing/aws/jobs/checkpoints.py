"""Checkpoints: what a training leaves in its folder goes to S3 while it runs, so that another can go on from there."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from mlops_ci.testing.aws.jobs.engine import Job

_EVERY = 0.5
"""Seconds between two looks."""


class Checkpoints:
    """Keeps a folder's files in S3, while it is entered and once more at the end; nothing without an address."""

    def __init__(self, job: Job, config: dict[str, Any] | None, folder: Path) -> None:
        self._buckets = job.buckets
        self._uri = (config or {}).get("S3Uri", "").rstrip("/")
        self._folder = folder
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"checkpoints of {job.record.name}", daemon=True)
        self._known: dict[Path, tuple[int, int]] = self._seen()

    def __enter__(self) -> None:
        """Begin."""
        if self._uri:
            self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Copy what is new, and stop."""
        if self._uri:
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
