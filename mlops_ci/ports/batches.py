"""Files that a batch run reads and writes, of this machine or on S3; what they are is said by their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rows:
    """A file's rows as requests carry them: without header, checked against a package's columns.

    `path` is a file of this machine, `digest` the sha256 of its bytes, `count` how many rows it has.
    """

    path: str
    digest: str
    count: int
    content_type: str


class BatchFiles(Protocol):
    """Reads inputs and writes outputs of batch runs, row by row: nothing is ever held in memory as a whole."""

    def listed(self, address: str) -> tuple[str, ...]:
        """Return the files at an address, relative to it, in order: the empty string where it is a file itself.

        Raises:
            UsageError: there is none that can be read.
            ProviderError: it cannot be looked at.

        """
        ...

    def prepare(self, address: str, features: tuple[str, ...], *, name: str) -> Rows:
        """Return the rows of a file; `name` tells what they are prepared for from anything else.

        Raises:
            ManifestError: rows are wrong; each with its line.
            ProviderError: the file cannot be read, or there is no room.

        """
        ...

    def deliver(self, predictions: Path, address: str) -> None:
        """Write predictions to an address, whole or not at all; what was there is replaced.

        Raises:
            ProviderError: it cannot be written.

        """
        ...

    def forget(self, rows: Rows) -> None:
        """Remove prepared rows; does nothing where they are gone."""
        ...
