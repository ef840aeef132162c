"""Data that is far away: objects of S3, as datasets list and fetch them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FarObject:
    """An object: its address, its name below the address that was listed (its own, where it is that one), its size.

    `tag` is another one whenever its content is.
    """

    address: str
    name: str
    size: int
    tag: str


class FarObjects(Protocol):
    """Objects that are listed often and read seldom."""

    def listed(self, address: str) -> tuple[FarObject, ...] | None:
        """Return the object at an address, or every one below it, sorted by name; None where nobody may be asked.

        Nothing is read. Names of which a part starts with a dot are left out, and so is what stands for a folder.
        """
        ...

    def fetch(self, found: FarObject, to: Path) -> None:
        """Write an object's content to a file.

        Raises:
            InputsMoved: it has another content than when it was listed, or is gone.

        """
        ...


class Unasked:
    """`FarObjects` for what works without a network."""

    def listed(self, address: str) -> None:
        """Return None."""
        del address

    def fetch(self, found: FarObject, to: Path) -> None:
        """Raise: whoever reads must ask."""
        raise AssertionError(f"`{found.address}` was to be read into `{to}` where nobody is asked")
