"""Pages of the documentation, read as what they ask a reader to do: files to write, and commands to type.

A code block after `<!-- file: PATH -->` is that file. A block of the language `console` holds commands (`$ `; lines
that end in a backslash go on) and what they print. `...` stands for what was cut; alone on a line, for any lines.
Commands without output were not worth printing. `[exit N]` ends the output of a command that ends with N.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))

_FILE = re.compile(r"<!-- file: (\S+) -->")
_FENCE = re.compile(r"^(`{3,})(\w*)\s*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block. `file` is empty where it is not marked as one; `line` is its first line's number in the page."""

    section: str
    language: str
    file: str
    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a console block, and the lines that the page shows as its output."""

    line: int
    text: str
    output: tuple[str, ...]


def blocks(page: str) -> Iterator[Block]:
    """Yield the code blocks of a page in order."""
    section = file = ""
    lines = enumerate(page.splitlines(), 1)
    for number, line in lines:
        if line.startswith("#"):
            section = line.lstrip("# ")
        if found := _FILE.fullmatch(line):
            file = found[1]
        elif found := _FENCE.match(line):
            held: list[str] = []
            for _, inner in lines:
                if inner == found[1]:
                    break
                held.append(inner)
            yield Block(section, found[2], file, number + 1, tuple(held))
            file = ""
        elif line.strip():
            file = ""


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a console block, with what they print."""
    at = 0
    while at < len(block.lines):
        start = at
        if not block.lines[at].startswith("$ "):
            raise ValueError(f"line {block.line + at} of a console block is no command: {block.lines[at]}")
        text = block.lines[at][2:]
        while text.endswith("\\"):
            at += 1
            text = text[:-1] + block.lines[at].lstrip()
        at += 1
        output: list[str] = []
        while at < len(block.lines) and not block.lines[at].startswith("$ "):
            output.append(block.lines[at])
            at += 1
        while output and not output[-1].strip():
            output.pop()
        yield Command(block.line + start, text, tuple(output))
