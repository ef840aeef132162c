"""Words for a terminal: colour, aligned columns, durations, and text that cannot steer the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum


class Tone(Enum):
    """What a piece of text is; the value is its ANSI code."""

    GOOD = "32"
    BAD = "31"
    CHANGED = "33"
    QUIET = "2"
    STRONG = "1"


class Ink(Enum):
    """Whether text is coloured. Colour only repeats what a glyph or a word says."""

    PLAIN = "plain"
    COLOR = "color"

    def paint(self, text: str, tone: Tone) -> str:
        """Return the text in that tone, or as it is."""
        return f"\x1b[{tone.value}m{text}\x1b[0m" if self is Ink.COLOR and text else text


_STEERING = {"Cc", "Cs", "Zl", "Zp"}
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """Return text in one line, in which control, bidirectional and lone surrogate characters are spelled out."""
    if text.isprintable():
        return text
    return "".join(
        "    " if char == "\t" else _spelled(char) if char in _BIDI or unicodedata.category(char) in _STEERING else char
        for char in text
    )


def _spelled(char: str) -> str:
    return char.encode("unicode_escape").decode()


def cells(text: str) -> int:
    """Return how many cells a terminal needs for text without colour."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
        for char in text
    )


def columns(rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset(), indent: str = "") -> list[str]:
    """Return rows as aligned lines, two spaces between columns, those in `right` to the right, none trailing."""
    found = [tuple(clean(cell) for cell in row) for row in rows]
    widths = [max(map(cells, column)) for column in zip(*found, strict=True)]
    return [
        (indent + "  ".join(_padded(row[at], size, at in right) for at, size in enumerate(widths))).rstrip()
        for row in found
    ]


def folded(
    rows: Sequence[Sequence[str]], *, kept: int, right: frozenset[int], indent: str, width: int
) -> Iterator[list[str]]:
    """Yield rows as blocks of aligned lines that are no wider than asked for (0: there is no end), where that can be.

    The first `kept` columns are in every block; a column that is wider alone is too wide there as well.
    """
    found = [tuple(clean(cell) for cell in row) for row in rows]
    sizes = [2 + max(map(cells, column)) for column in zip(*found, strict=True)]
    first = len(indent) - 2 + sum(sizes[:kept])
    blocks, used = [[*range(kept)]], first
    for at in range(kept, len(sizes)):
        if width and used + sizes[at] > width and len(blocks[-1]) > kept:
            blocks.append([*range(kept)])
            used = first
        blocks[-1].append(at)
        used += sizes[at]
    for block in blocks:
        chosen = [tuple(row[place] for place in block) for row in found]
        yield columns(chosen, right=frozenset(n for n, place in enumerate(block) if place in right), indent=indent)


def _padded(cell: str, size: int, to_the_right: bool) -> str:
    gap = " " * (size - cells(cell))
    return gap + cell if to_the_right else cell + gap


def duration(seconds: float) -> str:
    """Return a duration for people: `0.4 s`, `12 s`, `2 min`, `1.5 h`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if seconds < 99.5 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def moment(at: str) -> str:
    """Return a recorded time (UTC, ISO 8601) to the second, for people."""
    return at.replace("T", " ")[:19]


def number(value: float | None) -> str:
    """Return a measured value with four decimals (six digits where it is large), or `-` where there is none."""
    if value is None:
        return "-"
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.6g}"


def counted(count: int, noun: str) -> str:
    """Return `1 model`, `2 models`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def lines(parts: Iterable[str]) -> str:
    """Return lines as one text that ends with a line end."""
    return "".join(f"{part}\n" for part in parts)
