"""Reading a saved plan: what is damaged, foreign, edited or of another version is told at its place in the file."""

from __future__ import annotations

import json
from typing import Any

from mlops_ci.diagnostics import Diagnostic, Span, ordered
from mlops_ci.errors import ManifestError
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.manifest import schema as shapes
from mlops_ci.manifest import yaml_tree
from mlops_ci.manifest.document import Document, excerpt
from mlops_ci.manifest.fit import fits
from mlops_ci.model import Json
from mlops_ci.plan.saved import SavedPlan
from mlops_ci.plan.saved_json import FORMAT, KIND, build

MAX_BYTES = 1 << 28
"""A plan of a hundred thousand models is smaller."""

_AGAIN = "mlops-ci plan -o plan.json"


def parse(content: bytes, *, path: str, schema: Json) -> SavedPlan:
    """Return the saved plan in a file's bytes; `path` is told where something is wrong.

    Raises:
        ManifestError: it is not JSON, no plan of ours, of another version, or not as it was saved.

    """
    assert isinstance(schema, dict)  # noqa: S101 - our own file
    data = _data(content, path)
    if not isinstance(data, dict) or data.get("kind") != KIND:
        detail = f'expected what `mlops-ci plan -o` writes: `"kind": "{KIND}"`'
        raise ManifestError((Diagnostic("plan-foreign", Span(path), "this is no saved plan", detail, hint=_AGAIN),))
    if data.get("format") != FORMAT:
        document = _document(content, path)
        summary, detail = "this version of mlops-ci does not know the plan's format", f"expected {FORMAT}"
        hint = f"install the version that saved it, or {_AGAIN}"
        found = document.problem("plan-format", document.value("format"), summary, detail=detail, hint=hint)
        raise ManifestError((found,))
    if data.get("digest") != digest({key: value for key, value in data.items() if key != "digest"}):
        document = _document(content, path)
        summary, detail = "the plan is not as it was saved: its digest is another one", "a plan is not edited by hand"
        found = document.problem("plan-edited", document.value("digest"), summary, detail=detail, hint=_AGAIN)
        raise ManifestError((found,))
    if not fits(data, schema):
        raise _misshapen(content, path, schema)
    return build(data)


def _data(content: bytes, path: str) -> Any:  # noqa: ANN401 - JSON data
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key is there twice")
        return found

    def finite(text: str) -> float:
        raise ValueError(f"`{text}` is no number of JSON")

    if len(content) > MAX_BYTES:
        raise ManifestError((_damaged(Span(path), "the file is larger than any plan"),))
    try:
        text = content.decode("ascii")
        return json.loads(text, object_pairs_hook=once, parse_constant=finite)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("ascii")
        raise ManifestError((_damaged(_span(path, before), "the file is not ASCII, as saved plans are"),)) from error
    except json.JSONDecodeError as error:
        span = Span(path, error.lineno, error.colno, error.colno + 1)
        raise ManifestError((_damaged(span, f"the file is not JSON: {error.msg}", text),)) from error
    except (ValueError, RecursionError) as error:
        said = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ManifestError((_damaged(Span(path), f"the file is not JSON: {said}"),)) from error


def _span(path: str, before: str) -> Span:
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Span(path, line, column, column + 1)


def _damaged(span: Span, summary: str, text: str = "") -> Diagnostic:
    return Diagnostic("plan-damaged", span, summary, hint=_AGAIN, excerpt=excerpt(text, span.line))


def _document(content: bytes, path: str) -> Document:
    """Return the file with its places; without any where it is too large to look for them."""
    document, _ = yaml_tree.read(path, content)
    return document or Document(path, "", {}, {}, {})


def _misshapen(content: bytes, path: str, schema: dict[str, Any]) -> ManifestError:
    document, _ = yaml_tree.read(path, content)
    found = shapes.check(document, schema) if document else ()
    return ManifestError(ordered(found) or (_damaged(Span(path), "it is not of the form of a saved plan"),))
