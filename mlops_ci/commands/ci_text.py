"""Files for a CI system that are ours until somebody edits them: the first line says who wrote which bytes."""

from __future__ import annotations

import hashlib
import re
from enum import Enum

_HEAD = re.compile(r"# mlops-ci (\S+) ([0-9a-f]{32}): .*")


class Standing(Enum):
    """How a file stands to what would be written today.

    `BEHIND` is as we wrote it once, `AHEAD` as a later version of us did; `EDITED` was ours and was changed by
    somebody, `FOREIGN` was never ours.
    """

    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"
    EDITED = "edited"
    FOREIGN = "foreign"
    MISSING = "missing"


def stamped(body: str, version: str) -> str:
    """Return a file's text: a first line with our version and the digest of the rest, and the rest."""
    told = "by `mlops-ci init --ci`; `mlops-ci ci check --update` renews it until you edit it"
    return f"# mlops-ci {version} {_digest(body)}: {told}\n{body}"


def standing(found: bytes | None, wanted: str) -> Standing:
    """Return how the bytes of a file (None: there is none) stand to the text that would be written today.

    Line ends do not count: git may write CRLF where a checkout asks for it. Nor does the version alone.
    """
    if found is None:
        return Standing.MISSING
    ours, body = _read(found)
    if ours is None:
        return Standing.FOREIGN
    if _digest(body) != ours[2]:
        return Standing.EDITED
    today, wanted_body = _read(wanted.encode())
    if body == wanted_body:
        return Standing.CURRENT
    return Standing.AHEAD if today and _order(ours[1]) > _order(today[1]) else Standing.BEHIND


def has_moved_on(found: bytes, wanted: str) -> bool:
    """Return whether what we wrote into a file, before somebody edited it, is not what we would write today."""
    ours, _ = _read(found)
    return ours is not None and ours[2] != _digest(_read(wanted.encode())[1])


def _read(found: bytes) -> tuple[re.Match[str] | None, str]:
    head, _, body = found.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").partition("\n")
    return _HEAD.fullmatch(head), body


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
