"""Diagnostics as annotations of a check. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlops_ci.diagnostics import Diagnostic, Severity

MOST = 50
"""Annotations that one request may have."""
_LONGEST = 60_000
"""Bytes of a message, of which GitHub takes 64 KB."""


def annotations_of(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Return an annotation a diagnostic; columns only where it is on one line, as GitHub demands."""
    return [_annotation(diagnostic) for diagnostic in diagnostics]


def _annotation(diagnostic: Diagnostic) -> dict[str, Any]:
    span = diagnostic.span
    line = max(1, span.line)  # line 0 means the whole file, and GitHub counts from 1
    said = [diagnostic.summary, diagnostic.detail, f"hint: {diagnostic.hint}" if diagnostic.hint else ""]
    found: dict[str, Any] = {
        "path": span.path,
        "start_line": line,
        "end_line": line,
        "annotation_level": "failure" if diagnostic.severity is Severity.ERROR else "warning",
        "title": diagnostic.code[:255],
        "message": _cut("\n".join(filter(None, said))),
    }
    if span.line and span.column:
        found["start_column"] = span.column
        found["end_column"] = max(span.column, span.end - 1)
    return found


def _cut(text: str) -> str:
    data = text.encode()
    return text if len(data) <= _LONGEST else data[:_LONGEST].decode(errors="ignore") + " ..."
