"""Reading a review that somebody else may have written: a pull request from a fork may say anything in it.

What is told of a wrong one has none of its words: these go to the log of a step that has rights.
"""

from __future__ import annotations

from typing import Any

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import ManifestError
from mlops_ci.manifest.fit import fits
from mlops_ci.model import Json
from mlops_ci.plan.review import Review
from mlops_ci.plan.review_json import FORMAT, KIND, review_of
from mlops_ci.plan.strict_json import Unreadable, offset_of, place_of, strict_json

MAX_BYTES = 1 << 24
"""A review in which two thousand models changed is smaller."""

_HINT = "mlops-ci comment -o FILE, by the version that reads it"


def parse(content: bytes, *, path: str, schema: Json) -> Review:
    """Return the review in a file's bytes; `path` is told where something is wrong.

    Raises:
        ManifestError: it is too large, not JSON, no review of ours, or of another form.

    """
    assert isinstance(schema, dict)  # noqa: S101 - our own file
    if len(content) > MAX_BYTES:
        raise _refused(Diagnostic("review-damaged", Span(path), "the file is larger than any review", hint=_HINT))
    text = content.decode("ascii", "replace")
    try:
        data = strict_json(content)
    except Unreadable as error:
        span = Span(path) if error.offset is None else _span(path, text, error.offset)
        why = "the file is not JSON, as reviews are: a part is missing, twice, too deep, or no ASCII"
        raise _refused(Diagnostic("review-damaged", span, why, hint=_HINT)) from error
    if not isinstance(data, dict) or data.get("kind") != KIND:
        detail = f'expected what `mlops-ci comment -o` writes: `"kind": "{KIND}"`'
        raise _refused(Diagnostic("review-foreign", Span(path), "this is no review", detail, _HINT))
    if data.get("format") != FORMAT:
        span = _span(path, text, offset_of(text, ["format"])) if "format" in data else Span(path)
        summary = "this version of mlops-ci does not know the review's format"
        raise _refused(Diagnostic("review-format", span, summary, f"expected {FORMAT}", _HINT))
    if not fits(data, schema):
        raise _refused(_misfit(data, text, path, schema))
    return review_of(data)


def _refused(diagnostic: Diagnostic) -> ManifestError:
    return ManifestError((diagnostic,))


def _span(path: str, text: str, offset: int) -> Span:
    line, column = place_of(text, offset)
    return Span(path, line, column, column + 1)


def _misfit(data: dict[str, Any], text: str, path: str, schema: dict[str, Any]) -> Diagnostic:
    """Return what is wrong first, in words of the schema."""
    from jsonschema import Draft202012Validator

    error = next(Draft202012Validator(schema).iter_errors(data), None)
    if error is None:
        raise AssertionError("the two ways to judge a review do not agree")
    about = error.schema
    span = _span(path, text, offset_of(text, [*error.absolute_path]))
    known = {"required": "a key is missing", "additionalProperties": "it has a key that no review has"}
    said = about.get("patternErrorMessage") or about.get("type") or "something else"
    detail = known.get(str(error.validator), f"expected {said if isinstance(said, str) else ' or '.join(said)}")
    summary = f"{about.get('title', 'a part').lower()} is not as reviews have it"
    return Diagnostic("review-misshapen", span, summary, detail, _HINT)
