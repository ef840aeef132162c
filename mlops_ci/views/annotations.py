"""Diagnostics as GitHub's workflow commands, which a runner turns into annotations beside the lines of a pull request.

    ::error file=pipelines/churn/model.yaml,line=12,col=7,endLine=12,endColumn=12,title=unknown-key::`epoch` is not ...

Source of the form and of its escapes: the runner's `ActionCommand`, and `toolkit/packages/core/src/command.ts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.views.diagnostics import sentence
from mlops_ci.views.placing import Root
from mlops_ci.views.validation import Validation, validation_text

_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_MESSAGE, ":": "%3A", ",": "%2C"}


def validation_annotations(validation: Validation, root: Root) -> str:
    """Return one command a diagnostic, in their order; where there is none, the result in one line.

    Paths are relative to the top of the git repository; columns count characters, and `endColumn` is the one after the
    last.
    """
    if not validation.diagnostics:
        return validation_text(validation)
    return annotated(validation.diagnostics, root)


def annotated(diagnostics: Iterable[Diagnostic], root: Root | None = None) -> str:
    """Return one command a diagnostic; without a root their paths begin at the top of the repository already."""
    return "".join(f"{_command(diagnostic, root or Root())}\n" for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic, root: Root) -> str:
    properties = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in _properties(diagnostic, root))
    parts = (diagnostic.summary, diagnostic.detail, f"hint: {diagnostic.hint}" if diagnostic.hint else "")
    message = "\n".join(sentence(part) for part in parts if part)
    return f"::{diagnostic.severity.value} {properties}::{_escaped(message, _MESSAGE)}"


def _properties(diagnostic: Diagnostic, root: Root) -> Iterator[tuple[str, str]]:
    span, path = diagnostic.span, root.path(diagnostic.span)
    if path:
        yield "file", path
        if span.line:
            yield "line", str(span.line)
            yield "col", str(span.column)
            yield "endLine", str(span.line)
            yield "endColumn", str(max(span.end, span.column + 1))
    yield "title", diagnostic.code


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
