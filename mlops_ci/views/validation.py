"""What `validate` found, told three ways; diagnostics as text are told on stderr, as every verb tells them."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.model import Json
from mlops_ci.views import markdown
from mlops_ci.views.document import document
from mlops_ci.views.terminal import Ink, counted


@dataclass(frozen=True, slots=True)
class Validation:
    """The valid models with their candidates, and every diagnostic."""

    models: tuple[tuple[str, tuple[str, ...]], ...]
    diagnostics: tuple[Diagnostic, ...]
    is_valid: bool


def validation_text(validation: Validation, *, ink: Ink = Ink.PLAIN) -> str:  # noqa: ARG001 - every text view takes it
    """Return the result in one line."""
    candidates = sum(len(names) for _, names in validation.models)
    return f"valid: {counted(len(validation.models), 'model')}, {counted(candidates, 'candidate')}.\n"


def validation_markdown(validation: Validation) -> str:
    """Return the diagnostics as a table, or the result in one line."""
    if not validation.diagnostics:
        return validation_text(validation)
    rows = (
        (markdown.code(str(d.span)), d.severity.value, markdown.code(d.code), markdown.prose(d.summary))
        for d in validation.diagnostics
    )
    return "\n".join(markdown.table(("place", "severity", "code", "problem"), rows)) + "\n"


def validation_json(validation: Validation) -> str:
    """Return the result with every diagnostic."""
    found: list[Json] = [
        {
            "code": d.code,
            "severity": d.severity.value,
            "path": d.span.path,
            "line": d.span.line,
            "column": d.span.column,
            "summary": d.summary,
            "detail": d.detail,
            "hint": d.hint,
        }
        for d in validation.diagnostics
    ]
    return document(
        {
            "valid": validation.is_valid,
            "models": [{"model": name, "candidates": [*names]} for name, names in validation.models],
            "diagnostics": found,
        }
    )
