"""Packs: the contents of many records in one object, `packs/<count>-<sha256>.json.gz`, so that one request reads them.

A pack is derived, and never the truth: each record in it stands beside the stamp that it had. Which records there are,
and with which stamps, the listing says; where it says the same, the content needs no request of its own. Deleting packs
changes nothing but time.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mlops_ci.adapters.aws.store.bucket import Listed

PACKS = "packs/"
OLD = ".old"
"""Ends the name of the mark beside a pack whose records are in another one."""

_NAME = re.compile(r"packs/([1-9][0-9]{0,8})-([0-9a-f]{64})\.json\.gz")
_LARGEST = 1 << 30
"""Bytes that a pack may have when it is opened: of a forged one the memory shall not be the end."""

_BYTES_A_REQUEST = 125_000
"""What arrives in the time that a request of its own takes, where sixteen are under way."""

_APART = 4
"""A pack stays as it is while it has this many times the records of all smaller ones: so there are few."""

Entries: TypeAlias = Mapping[str, tuple[str, bytes]]
"""(stamp, content) by a record's name."""


@dataclass(frozen=True, slots=True)
class PackObject:
    """A pack as the listing has it."""

    key: str
    count: int
    size: int
    at: float


def live(listed: Iterable[Listed]) -> tuple[PackObject, ...]:
    """Return the packs that no mark is beside, the largest first."""
    found = {one.key: one for one in listed}
    packs = (
        PackObject(key, int(name[1]), one.size, one.at)
        for key, one in found.items()
        if (name := _NAME.fullmatch(key)) and key + OLD not in found
    )
    return tuple(sorted(packs, key=lambda pack: (-pack.count, pack.key)))


def outlived(listed: Iterable[Listed], *, age: float) -> tuple[str, ...]:
    """Return the keys of packs that were marked so many seconds before the newest was put, and of their marks.

    Whoever began to read before the mark was there has ended by then. S3's own times are compared with each other.
    """
    found = {one.key: one for one in listed}
    newest = max((one.at for one in found.values()), default=0.0)
    marks = (key for key, one in found.items() if key.endswith(OLD) and newest - one.at > age)
    return tuple(key for mark in marks for key in (mark.removesuffix(OLD), mark))


def is_worth(pack: PackObject, missing: int) -> bool:
    """Return whether reading a pack takes less time than a request for each record that it may have."""
    return min(pack.count, missing) > 1 + pack.size / _BYTES_A_REQUEST


def to_merge(packs: tuple[PackObject, ...], fresh: int) -> tuple[PackObject, ...]:
    """Return the packs that go into a new one with so many fresh records; the largest stay as they are."""
    merged: list[PackObject] = []
    together = fresh
    for pack in reversed(packs):
        if pack.count >= _APART * together:
            break
        merged.append(pack)
        together += pack.count
    return tuple(merged)


def pack(entries: Entries) -> tuple[str, bytes]:
    """Return key and content of a pack; the same entries give the same. What is no text is left out."""
    lines = []
    for name in sorted(entries):
        stamp, content = entries[name]
        try:
            lines.append(json.dumps([name, stamp, content.decode()], ensure_ascii=False).encode())
        except UnicodeError:
            continue
    body = gzip.compress(b"\n".join(lines), compresslevel=6, mtime=0)
    return f"{PACKS}{max(1, len(lines))}-{hashlib.sha256(body).hexdigest()}.json.gz", body


def unpack(key: str, body: bytes) -> Entries:
    """Return the entries of a pack; none where its bytes are not those of its name, or say nothing."""
    name = _NAME.fullmatch(key)
    if name is None or hashlib.sha256(body).hexdigest() != name[2]:
        return {}
    try:
        opened = zlib.decompressobj(wbits=31)
        text = opened.decompress(body, _LARGEST)
        if opened.unconsumed_tail:
            return {}
        lines = [json.loads(line) for line in text.split(b"\n") if line]
        return {str(about): (str(stamp), content.encode()) for about, stamp, content in lines}
    except (zlib.error, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def is_of(stamp: str, content: bytes) -> bool:
    """Return whether a stamp is the md5 of a content, as S3 has it of what came in one part without a key of KMS."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest() == stamp
