"""Pages of the documentation, read as what they ask a reader to do: files to write, and commands to type.

A code block after `<!-- file: PATH -->` is that file, one after `<!-- part of: PATH -->` could stand in it. A block of
the language `console` holds commands (`$ `; lines that end in a backslash go on) and what they print. `...` stands for
what was cut; alone on a line, for any lines. Commands without output were not worth printing. `[exit N]` ends the
output of a command that ends with N.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))

TUTORIAL = (ROOT / "docs/your-own-model.md", ROOT / "docs/your-own-model-changes.md")
"""The pages that are followed to the letter, in the order in which they are read."""

_MARK = re.compile(r"<!-- (file|part of): (\S+) -->")
_FENCE = re.compile(r"^(`{3,})(\w*)\s*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block. `file` and `part` are empty where it is not marked so; `line` is the page's number of its first."""

    section: str
    language: str
    file: str
    part: str
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
    section = ""
    marked = {"file": "", "part of": ""}
    lines = enumerate(page.splitlines(), 1)
    for number, line in lines:
        if line.startswith("#"):
            section = line.lstrip("# ")
        if found := _MARK.fullmatch(line):
            marked[found[1]] = found[2]
        elif found := _FENCE.match(line):
            held: list[str] = []
            for _, inner in lines:
                if inner == found[1]:
                    break
                held.append(inner)
            yield Block(section, found[2], marked["file"], marked["part of"], number + 1, tuple(held))
            marked = dict.fromkeys(marked, "")
        elif line.strip():
            marked = dict.fromkeys(marked, "")


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
