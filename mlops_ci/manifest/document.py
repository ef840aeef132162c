"""A document: plain data, and where in its file every key and value stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from mlops_ci.diagnostics import Diagnostic, Severity, Span
from mlops_ci.model import Json

At: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys and list positions from the top."""

_LONGEST, _MOST = 100, 1000
"""How long a word may be, and how many there may be, for the nearest to be sought by likeness: that takes long."""

_LINE_END = re.compile("\r\n|[\n\r]")


@dataclass(frozen=True, slots=True)
class Document:
    """One file's data with the spans of its keys and values. `text` has no byte order mark."""

    path: str
    text: str
    data: Json
    keys: Mapping[At, Span]
    values: Mapping[At, Span]

    def key(self, *at: str | int) -> Span:
        """Return where the key of a value stands; where it is not given, the nearest key above; else the file."""
        while at:
            if at in self.keys:
                return self.keys[at]
            if at in self.values:
                return self.values[at]
            at = at[:-1]
        return Span(self.path)

    def value(self, *at: str | int) -> Span:
        """Return where a value stands; where it is not given, the nearest key above; else the file."""
        return self.values[at] if at and at in self.values else self.key(*at)

    def given(self, *at: str | int) -> bool:
        """Return whether the file says this."""
        return at in self.values

    def problem(
        self,
        code: str,
        span: Span,
        summary: str,
        *,
        detail: str = "",
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Diagnostic:
        """Return a diagnostic at a span of this file, with the excerpt of its line."""
        return Diagnostic(code, span, summary, detail, hint, severity, excerpt(self.text, span.line))


@lru_cache(maxsize=2)
def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text, without their ends; the last texts asked for are remembered."""
    return tuple(_LINE_END.split(text))


def excerpt(text: str, line: int) -> str:
    """Return a line of a text, 1-based; empty for line 0 or beyond the end."""
    found = lines(text) if line else ()
    return found[line - 1] if 0 < line <= len(found) else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that a misspelt one most likely means; empty where none is near, or a word is very long.

    Among very many words only one that differs in case and hyphens is found.
    """
    if len(word) > _LONGEST:
        return ""
    names = sorted(name for name in set(known) - {word} if len(name) <= _LONGEST)
    folded = {name.casefold().replace("-", "_"): name for name in reversed(names)}
    plain = word.casefold().replace("-", "_")
    if plain in folded:
        return folded[plain]
    if len(names) > _MOST:
        return ""
    import difflib

    found = difflib.get_close_matches(plain, folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else ""


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the hint that names the nearest known word, or another hint where none is near."""
    found = nearest(word, known)
    return f"did you mean `{found}`?" if found else otherwise


def listed(names: Iterable[str]) -> str:
    """Return names in backticks, joined by commas; `nothing` for none."""
    return ", ".join(f"`{name}`" for name in names) or "nothing"
