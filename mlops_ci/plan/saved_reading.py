"""Reading a saved plan: what is damaged, foreign, edited or of another version is told at its place in the file."""

from __future__ import annotations

import re
from typing import Any

from mlops_ci.diagnostics import Diagnostic, Span, ordered
from mlops_ci.errors import ManifestError
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.manifest import schema as shapes
from mlops_ci.manifest import yaml_tree
from mlops_ci.manifest.document import excerpt
from mlops_ci.manifest.fit import fits
from mlops_ci.model import Json
from mlops_ci.plan.saved import SavedPlan
from mlops_ci.plan.saved_json import FORMAT, KIND, build
from mlops_ci.plan.strict_json import NOT_ASCII, Unreadable, strict_json

MAX_BYTES = 1 << 28
"""A plan of a hundred thousand models is smaller."""


def parse(content: bytes, *, path: str, schema: Json) -> SavedPlan:
    """Return the saved plan in a file's bytes; `path` is told where something is wrong.

    Raises:
        ManifestError: it is not JSON, no plan of ours, of another version, or not as it was saved.

    """
    assert isinstance(schema, dict)  # noqa: S101 - our own file
    data = _data(content, path)
    if not isinstance(data, dict) or data.get("kind") != KIND:
        detail = f'expected what `mlops-ci plan -o` writes: `"kind": "{KIND}"`'
        raise ManifestError(
            (Diagnostic("plan-foreign", Span(path), "this is no saved plan", detail, hint=_again(path)),)
        )
    if data.get("format") != FORMAT:
        summary, detail = "this version of mlops-ci does not know the plan's format", f"expected {FORMAT}"
        hint = f"install the version that saved it, or {_again(path)}"
        span, text = _place(content, path, "format")
        raise ManifestError((Diagnostic("plan-format", span, summary, detail, hint, excerpt=text),))
    if data.get("digest") != _digest(data):
        summary, detail = "the plan is not as it was saved: its digest is another one", "a plan is not edited by hand"
        span, text = _place(content, path, "digest")
        raise ManifestError((Diagnostic("plan-edited", span, summary, detail, _again(path), excerpt=text),))
    if not fits(data, schema):
        raise _misshapen(content, path, schema)
    return build(data)


def _digest(data: dict[str, Any]) -> str:
    """Return the digest of what a plan says; an empty string where that has none: `1e999` is no number."""
    try:
        return digest({key: value for key, value in data.items() if key != "digest"})
    except (ValueError, RecursionError):
        return ""


def _data(content: bytes, path: str) -> Any:  # noqa: ANN401 - JSON data
    if len(content) > MAX_BYTES:
        raise ManifestError((_damaged(Span(path), "the file is larger than any plan"),))
    try:
        return strict_json(content)
    except Unreadable as error:
        text = content.decode("ascii", "replace")
        if error.why == NOT_ASCII:
            span = _span(path, text[: error.offset])
            raise ManifestError((_damaged(span, "the file is not ASCII, as saved plans are"),)) from error
        span = Span(path) if error.offset is None else _span(path, text[: error.offset])
        shown = text if error.offset is not None else ""
        raise ManifestError((_damaged(span, f"the file is not JSON: {error.why}", shown),)) from error


def _again(path: str) -> str:
    return f"mlops-ci plan -o {path}"


def _span(path: str, before: str) -> Span:
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Span(path, line, column, column + 1)


def _damaged(span: Span, summary: str, text: str = "") -> Diagnostic:
    return Diagnostic("plan-damaged", span, summary, hint=_again(span.path), excerpt=excerpt(text, span.line))


def _place(content: bytes, path: str, key: str) -> tuple[Span, str]:
    """Return where a key of the file stands, and its line; no text of a plan holds a quote that is not escaped."""
    text = content.decode("ascii")
    found = re.search(rf'"{key}"\s*:', text)
    if found is None:
        return Span(path), ""
    start = _span(path, text[: found.start()])
    return Span(path, start.line, start.column, start.column + len(key) + 2), text.split("\n")[start.line - 1]


def _misshapen(content: bytes, path: str, schema: dict[str, Any]) -> ManifestError:
    document, _ = yaml_tree.read(path, content)
    found = shapes.check(document, schema) if document else ()
    return ManifestError(ordered(found) or (_damaged(Span(path), "it is not of the form of a saved plan"),))
