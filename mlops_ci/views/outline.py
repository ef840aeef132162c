"""An outline: headed sections of (label, value) lines, which a terminal and Markdown tell alike."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.views import markdown
from mlops_ci.views.terminal import Ink, Tone, clean, columns, lines


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines; values are our own sentences, in which backticks mean code.

    A line without label belongs to the one before.
    """

    heading: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A title and the sections that have something to say."""

    title: str
    sections: tuple[Section, ...]


def outline_text(outline: Outline, *, ink: Ink = Ink.PLAIN) -> str:
    """Return an outline for a terminal."""
    out = [ink.paint(clean(outline.title), Tone.STRONG)]
    for section in outline.sections:
        if section.rows:
            out += ["", ink.paint(clean(section.heading), Tone.STRONG), *columns(section.rows, indent="  ")]
    return lines(out)


def outline_markdown(outline: Outline) -> str:
    """Return an outline as Markdown: a list a section."""
    out = [f"**{markdown.prose(outline.title)}**"]
    for section in outline.sections:
        if section.rows:
            out += ["", f"#### {markdown.text(section.heading)}", "", *(_item(*row) for row in section.rows)]
    return lines(out)


def _item(label: str, value: str) -> str:
    return f"- {markdown.text(label)}: {markdown.prose(value)}" if label else f"  - {markdown.prose(value)}"
