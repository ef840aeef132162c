"""What a survey remembers of a model, as one line of a snapshot.

A line is a checksum, the model's name, what was looked at beside its folder, the token of all that was looked at, and
what was found. A line that is damaged in any way is no line.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_NOTHING = "-"
_FEW = 7
"""Models up to which a line is looked for in the text; more are sorted out of all lines."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a model's part of a plan depends on beside its own folder.

    `places` are paths of the trees, `reads` (path, limit) of files that git does not list, `data` paths of data that no
    tree has, relative to the model's folder, `tags` references of images that may lead elsewhere by now.
    """

    places: tuple[str, ...] = ()
    reads: tuple[tuple[str, int], ...] = ()
    data: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """What was found of a model when all it depends on had this token; `found` is JSON text, empty for nothing."""

    beside: Beside
    token: str
    found: str


def memories(content: bytes, wanted: tuple[str, ...]) -> dict[str, Memory]:
    """Return what a snapshot remembers of these models."""
    return {name: memory for name, line in _lines(content, wanted) if (memory := _memory(line)) is not None}


def names_of(content: bytes) -> tuple[str, ...]:
    """Return every model that a snapshot remembers."""
    parts = (line.split(b"\t", 2) for line in content.split(b"\n"))
    return tuple(found[1].decode(errors="surrogateescape") for found in parts if len(found) == 3)


def kept(content: bytes, fresh: Mapping[str, Memory], forgotten: Iterable[str]) -> bytes:
    """Return a snapshot with new lines in it and without those of some models; the others stay as they are."""
    lines = {line.split(b"\t", 2)[1]: line for line in content.split(b"\n") if line.count(b"\t") == 4}
    for name in forgotten:
        lines.pop(_bytes(name), None)
    lines.update((_bytes(name), _line(name, memory)) for name, memory in fresh.items())
    return b"\n".join(lines[name] for name in sorted(lines)) + b"\n"


def _lines(content: bytes, wanted: tuple[str, ...]) -> Iterable[tuple[str, bytes]]:
    if len(wanted) <= _FEW:
        for name in wanted:
            at = content.find(b"\t" + _bytes(name) + b"\t")
            if at >= 0:
                start, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at)
                yield name, content[start : end if end >= 0 else None]
        return
    asked = {_bytes(name): name for name in wanted}
    for line in content.split(b"\n"):
        parts = line.split(b"\t", 2)
        if len(parts) == 3 and parts[1] in asked:
            yield asked[parts[1]], line


def _line(name: str, memory: Memory) -> bytes:
    beside = memory.beside
    said = _NOTHING if beside == Beside() else json.dumps([beside.places, beside.reads, beside.data, beside.tags])
    about = _bytes("\t".join((name, said, memory.token, memory.found or _NOTHING)))
    return b"%08x\t%s" % (zlib.crc32(about), about)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _memory(line: bytes) -> Memory | None:
    check, _, about = line.partition(b"\t")
    if check != b"%08x" % zlib.crc32(about) or about.count(b"\t") != 3:
        return None
    _, said, token, found = about.decode(errors="surrogateescape").split("\t")
    beside = Beside()
    if said != _NOTHING:
        places, reads, data, tags = json.loads(said)
        beside = Beside(tuple(places), tuple((path, limit) for path, limit in reads), tuple(data), tuple(tags))
    return Memory(beside, token, "" if found == _NOTHING else found)
