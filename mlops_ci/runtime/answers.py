"""The values in an answer: one a row, in order."""

from __future__ import annotations

import json
from typing import Any

from mlops_ci.runtime.media import CSV, JSON, is_json_lines

_SCAN = json.JSONDecoder()
_SPACE = " \t\r\n"


class NoValues(ValueError):  # noqa: N818 - named after what happened
    """An answer that does not hold values one can count."""


def _refuse(constant: str) -> None:
    raise NoValues(f"{constant} is not JSON")


_STRICT = json.JSONDecoder(parse_constant=_refuse)


def values(body: bytes, media: str) -> list[Any]:
    """Return the values of an answer in JSON: an array, `{"predictions": [...]}`, JSON Lines, or one single value.

    `media` is the answer's content type; under the name of JSON, JSON Lines are understood too.

    Raises:
        NoValues: it is neither, or holds NaN or infinity.

    """
    try:
        text = body.decode("utf-8").strip()
        if is_json_lines(media):
            return _lines(text)
        try:
            whole = json.loads(text, parse_constant=_refuse)
        except json.JSONDecodeError:
            return _lines(text)
    except (ValueError, RecursionError) as cause:
        raise NoValues(f"the answer is not JSON: {cause}") from cause
    if isinstance(whole, dict) and list(whole) == ["predictions"] and isinstance(whole["predictions"], list):
        whole = whole["predictions"]
    return whole if isinstance(whole, list) else [whole]


def _lines(text: str) -> list[Any]:
    return [json.loads(line, parse_constant=_refuse) for line in text.split("\n")]


def several(body: bytes) -> list[Any]:
    """Return several answers in JSON, one behind the other with nothing or space between them.

    Raises:
        NoValues: one of them is not JSON, or holds NaN or infinity.

    """
    found: list[Any] = []
    try:
        text = body.decode("utf-8")
        at = _skip(text, 0)
        while at < len(text):
            whole, at = _STRICT.raw_decode(text, at)
            found.append(whole)
            at = _skip(text, at)
    except (ValueError, RecursionError) as cause:
        raise NoValues(f"the answer is not JSON: {cause}") from cause
    return found


def one_a_row(answers: list[Any], count: int | None) -> list[Any]:
    """Return the values of several answers: an array, or `{"predictions": [...]}`, holds those of several rows.

    Unless that gives another count than the rows have, and each answer is a row's own: SageMaker's XGBoost writes a
    line a row in a batch transform, an array where it gives the probabilities of several classes.
    """
    found: list[Any] = []
    for answer in answers:
        is_wrapped = isinstance(answer, dict) and list(answer) == ["predictions"]
        inner = answer["predictions"] if is_wrapped else answer
        found += inner if isinstance(inner, list) else [answer]
    return answers if len(found) != count and len(answers) == count else found


def split(body: bytes, media: str, counts: list[int]) -> list[bytes] | None:
    """Return the answer cut into parts of so many rows each, byte for byte; None where the count differs."""
    kind = media.partition(";")[0].strip().lower()
    try:
        text = body.decode("utf-8")
        if kind == JSON:
            return _split_array(text, counts)
    except ValueError:
        return None
    return _split_lines(text, counts) if kind == CSV or is_json_lines(kind) else None


def _split_lines(text: str, counts: list[int]) -> list[bytes] | None:
    if "\r" in text:
        return None
    end = "\n" if text.endswith("\n") else ""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != sum(counts):  # so a cell with a line break in it is never cut
        return None
    parts, at = [], 0
    for count in counts:
        parts.append(("\n".join(lines[at : at + count]) + end).encode("utf-8"))
        at += count
    return parts


def _split_array(text: str, counts: list[int]) -> list[bytes] | None:
    spans = _items(text)
    if spans is None or len(spans) != sum(counts):
        return None
    parts, at = [], 0
    for count in counts:
        inner = text[spans[at][0] : spans[at + count - 1][1]] if count else ""
        parts.append(f"[{inner}]".encode())
        at += count
    return parts


def _items(text: str) -> list[tuple[int, int]] | None:
    """Return where each item of a JSON array starts and ends; None where the text is not one array."""
    spans: list[tuple[int, int]] = []
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        return None
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        if spans:
            if text[at : at + 1] != ",":
                return None
            at = _skip(text, at + 1)
        _, end = _SCAN.raw_decode(text, at)
        spans.append((at, end))
        at = _skip(text, end)
    return spans if _skip(text, at + 1) == len(text) else None


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
