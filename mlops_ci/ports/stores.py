"""Where bytes and facts are kept. Everything is immutable, so put-if-absent, get and list are all that is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

JOINT = "~"
"""Joins the parts of a record's name to that of its file; URLs, shells and file systems leave it alone."""


def place_of(name: str) -> str:
    """Return where a store keeps a record, in a folder as in a bucket: `records/<model>/`, the other parts joined.

    All that is known of a model stands beside each other, so that listing it is one call, however much it is.
    """
    model, _, rest = name.partition("/")
    return f"records/{model}/{rest.replace('/', JOINT)}" if rest else f"records/{model}"


class ArtifactStore(Protocol):
    """Bytes by their sha256. Implementations pass `tests/contracts/artifacts.py`."""

    def put(self, source: Path | bytes) -> str:
        """Keep the bytes of a file (or these) and return their sha256; keeping them twice keeps them once."""
        ...

    def fetch(self, digest: str) -> Path:
        """Return a read-only local file with exactly these bytes.

        Raises:
            IntegrityError: what is kept has other bytes.
            ProviderError: nothing is kept under this digest.

        """
        ...

    def has(self, digest: str) -> bool:
        """Return whether something is kept under this digest, without reading it."""
        ...


class RecordStore(Protocol):
    """Facts by name. Implementations pass `tests/contracts/records.py`."""

    def put(self, name: str, content: bytes) -> bool:
        """Keep `content` under `name` if nothing is there; return whether it was this call that put it."""
        ...

    def get(self, name: str) -> bytes | None:
        """Return what is kept under `name`, or None."""
        ...

    def scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Return every (name, content) whose name starts with `prefix`, sorted by name."""
        ...

    def listed(self, prefix: str) -> tuple[str, ...]:
        """Return every name that starts with `prefix`, sorted; the cheapest there is to ask."""
        ...

    def names(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return every (name, stamp) whose name starts with `prefix`, sorted by name, without reading a content.

        A stamp stays while the content does.
        """
        ...

    def listing(self, models: tuple[str, ...]) -> RecordStore:
        """Return the store to read about these models, as far as names go as they are now.

        A store that is far away lists them in as few requests as it can, and what is returned goes on answering that;
        what it is asked beside it answers as this one does. One that is near returns itself.
        """
        ...

    def loaded(self, models: tuple[str, ...]) -> RecordStore:
        """Return it with the contents at hand, too; of what `listing` returned, those of the names that it has."""
        ...

    def settle(self) -> None:
        """Have what this command put be read in few requests by whoever comes next. Changes nothing but time."""
        ...
