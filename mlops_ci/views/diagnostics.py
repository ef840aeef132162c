"""Diagnostics as a person reads them: what, where, the line with a caret, and what to do.

    error[unknown-key]: `epoch` is not a key of `hyperparameters`
      --> pipelines/churn/model.yaml:12:7
    12 |       epoch: 3
       |       ^^^^^ expected one of: `epochs`, `learning_rate`
    hint: did you mean `epochs`?

What comes from a user's file may hold anything: control characters and those that turn the direction of text are shown
as escapes, so nothing in a file can speak to the terminal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlops_ci.diagnostics import Diagnostic, Severity

WIDEST = 100
"""How many columns of an excerpt are shown."""

LONGEST = 600
"""How many characters of a sentence are shown."""

_CUT = "..."
_NEAR = 4 * WIDEST


@dataclass(frozen=True, slots=True)
class Style:
    """Escape sequences around the parts; all empty for plain text. They carry no meaning of their own."""

    error: str = ""
    warning: str = ""
    strong: str = ""
    faint: str = ""
    hint: str = ""
    reset: str = ""


PLAIN = Style()
ANSI = Style("\x1b[1;31m", "\x1b[1;33m", "\x1b[1m", "\x1b[2;34m", "\x1b[36m", "\x1b[0m")


def render(diagnostics: Iterable[Diagnostic], *, style: Style = PLAIN) -> str:
    """Return every diagnostic as a block of lines, in the order given, an empty line between two; ends in a line end.

    Nothing gives an empty string.
    """
    blocks = ["\n".join(_block(diagnostic, style)) for diagnostic in diagnostics]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def tally(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one line that counts: `2 errors and 1 warning in 2 files`."""
    found = tuple(diagnostics)
    errors = sum(d.severity is Severity.ERROR for d in found)
    parts = [_counted(errors, "error")] if errors else []
    if len(found) > errors:
        parts.append(_counted(len(found) - errors, "warning"))
    files = len({d.span.path for d in found})
    return f"{' and '.join(parts)} in {_counted(files, 'file')}" if parts else "no problems"


def sentence(text: str) -> str:
    """Return a part of a diagnostic on one line that says nothing to a terminal, cut where it is very long."""
    safe = _safe(text[: LONGEST + 1])
    return safe if len(safe) <= LONGEST else safe[: LONGEST - len(_CUT)] + _CUT


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _block(diagnostic: Diagnostic, style: Style) -> Iterator[str]:
    label = style.error if diagnostic.severity is Severity.ERROR else style.warning
    head = f"{label}{diagnostic.severity.value}[{diagnostic.code}]{style.reset if label else ''}"
    yield f"{head}: {style.strong}{sentence(diagnostic.summary)}{style.reset}"
    span = diagnostic.span
    number = str(span.line) if span.line and diagnostic.excerpt.strip() else ""
    gutter = " " * max(len(number), 1)
    place = f"{_safe(span.path)}:{span.line}:{span.column}" if span.line else _safe(span.path)
    yield f"{gutter}{style.faint}-->{style.reset} {place}"
    detail = sentence(diagnostic.detail)
    if number:
        shown, indent, carets = _window(diagnostic)
        yield f"{style.faint}{number} |{style.reset} {shown}".rstrip()
        mark = f"{label}{' ' * indent}{'^' * carets}{style.reset}"
        yield f"{style.faint}{gutter} |{style.reset} {mark} {detail}".rstrip()
    elif detail:
        yield f"{gutter} {style.faint}={style.reset} {detail}"
    if diagnostic.hint:
        yield f"{style.hint}hint:{style.reset} {sentence(diagnostic.hint)}"


def _window(diagnostic: Diagnostic) -> tuple[str, int, int]:
    """Return the part of the excerpt that is shown, and the columns before and below the carets."""
    text, span = diagnostic.excerpt, diagnostic.span
    start = min(max(span.column - 1, 0), len(text))
    stop = min(max(span.end - 1, start + 1), max(len(text), start + 1))
    # A line may have a million characters: what is far from the place is not shown, and not measured.
    near = (text[max(start - _NEAR, 0) : start], text[start : min(stop, start + _NEAR)], text[stop : stop + _NEAR])
    before, marked, after = (_safe(part) for part in near)
    if _width(before + marked + after) <= WIDEST:
        return before + marked + after, _width(before), max(_width(marked), 1)
    if _width(before) > WIDEST // 2:
        before = _CUT + _last(before, WIDEST // 2 - len(_CUT))
    room = max(WIDEST - _width(before), WIDEST // 4)
    if _width(marked) > room:
        marked, after = _first(marked, room - len(_CUT)) + _CUT, ""
    elif _width(marked) + _width(after) > room:
        after = _first(after, max(room - _width(marked) - len(_CUT), 0)) + _CUT
    return before + marked + after, _width(before), max(_width(marked), 1)


def _first(text: str, columns: int) -> str:
    kept = ""
    for character in text:
        if _width(kept + character) > columns:
            break
        kept += character
    return kept


def _last(text: str, columns: int) -> str:
    kept = text[-columns:]
    while _width(kept) > columns:
        kept = kept[1:]
    return kept


def _width(text: str) -> int:
    """Return how many columns a terminal needs for a text: two for East Asian wide, none for combining characters."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1 for c in text
    )


def _safe(text: str) -> str:
    """Return a text on one line that says nothing to a terminal; a tab is a space."""
    plain = text.replace("\t", " ")
    if plain.isprintable():
        return plain
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in plain)
