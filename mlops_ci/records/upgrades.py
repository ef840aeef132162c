"""Records of earlier formats, made into what today's format would have written.

A record is never rewritten: it is upgraded whenever it is read. To change the form of a fact, add a function to
`UPGRADES` that turns the JSON of the newest format there was into that of the next, and a folder of records as they are
today to `tests/records/golden`; a field with a default that merely came to a fact needs neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]
Upgrade: TypeAlias = Callable[[Record], Record]

UPGRADES: tuple[Upgrade, ...] = ()
"""The first turns format 1 into format 2, and so on."""

FORMAT = 1 + len(UPGRADES)
"""What is written today."""


class Unknown(ValueError):  # noqa: N818 - named after what is so
    """A record is of no format that is known here."""


def upgraded(data: object, upgrades: Sequence[Upgrade] = UPGRADES) -> Record:
    """Return a record's JSON in today's format, without its `format`.

    Raises:
        Unknown: it is of a format to come, or of none.
        KeyError, TypeError: it is no record at all.

    """
    if not isinstance(data, dict):
        raise TypeError("a record is an object")
    rest = dict(data)
    found = rest.pop("format")
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise Unknown("it is of no format of mlops-ci")
    if found > 1 + len(upgrades):
        raise Unknown("it was written by a newer mlops-ci")
    for upgrade in upgrades[found - 1 :]:
        rest = upgrade(rest)
    return rest
