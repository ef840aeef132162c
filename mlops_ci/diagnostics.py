"""Diagnostics: what is wrong in the user's files, as values with a place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How bad it is. Only errors stop a verb."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Where: a path relative to the project, and 1-based line and column; `end` is the column after the last.

    Line 0 means the whole file.
    """

    path: str
    line: int = 0
    column: int = 0
    end: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: a stable kebab-case `code`, a place, what is wrong, what was expected, what to do.

    `excerpt` is the text of the span's line, without its line end; empty where there is none.
    """

    code: str
    span: Span
    summary: str
    detail: str = ""
    hint: str = ""
    severity: Severity = Severity.ERROR
    excerpt: str = ""


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return every diagnostic once, by place and then by code."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span, d.code, d.summary)))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether any of them stops a verb."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
