"""What a request's body holds, checked before any code of the user sees it.

Each refusal is a 4xx that names the row (1 is the first) and the reason.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import math
from dataclasses import dataclass

from mlops_ci.runtime.media import CSV, JSON, NPY, Refused, is_json_lines, is_text

BODY_LIMIT = 6 * 2**20
"""Bytes a body may have, as SageMaker has it."""

csv.field_size_limit(BODY_LIMIT)

Features = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A checked body: a string for text, JSON and JSON Lines, else bytes; `count` is None where nobody can say."""

    data: str | bytes
    count: int | None


def checked(body: bytes, media: str, features: Features) -> Rows:
    """Return the body as a handler is given it; rows of known form have the columns of `features`, if these are known.

    Raises:
        Refused: 413 for a body over the limit, 400 for one that is empty, cannot be decoded or has other columns.

    """
    if len(body) > BODY_LIMIT:
        raise Refused(413, f"the body has {len(body)} bytes, at most {BODY_LIMIT} are served", limit=BODY_LIMIT)
    if not body:
        raise Refused(400, "the body is empty")
    if not is_text(media):
        return Rows(body, _npy_rows(body, features) if media == NPY else None)
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as cause:
        row = body.count(b"\n", 0, cause.start) + 1
        raise Refused(
            400, f"row {row} is not UTF-8: byte {body[cause.start]:#04x} at {cause.start}", row=row
        ) from cause
    if media == CSV:
        text = text.rstrip("\r\n")
        return Rows(text, _csv_rows(text, features))
    if is_json_lines(media):
        text = text.rstrip("\r\n")
        return Rows(text, _json_lines(text, features))
    return Rows(text, _json_rows(text, features) if media == JSON else None)


def _csv_rows(text: str, features: Features) -> int:
    if not text:
        raise Refused(400, "the body is empty")
    width, row = len(features), 0
    try:
        for row, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            if len(cells) == width:
                if row == 1 and tuple(cells) == features:
                    raise Refused(400, "row 1 is a header line, rows are expected without one", row=1)
            elif not cells:
                raise Refused(400, f"row {row} is empty", row=row)
            elif features:
                raise _wrong_width(row, len(cells), features)
    except csv.Error as cause:
        raise Refused(400, f"row {row + 1} is not CSV: {cause}", row=row + 1, reason=str(cause)) from cause
    return row


def _json_lines(text: str, features: Features) -> int:
    if not text:
        raise Refused(400, "the body is empty")
    lines = text.split("\n")
    for row, line in enumerate(lines, 1):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as cause:
            reason = str(cause) if line.strip() else "the line is empty"
            raise Refused(400, f"row {row} is not JSON: {reason}", row=row, reason=reason) from cause
        _check_value(row, value, features)
    return len(lines)


def _json_rows(text: str, features: Features) -> int | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as cause:
        raise Refused(400, f"the body is not JSON: {cause}", reason=str(cause)) from cause
    if not isinstance(value, list):
        return None
    if any(value) and len({type(item) for item in value}) == 1 and isinstance(value[0], list | dict):
        for row, item in enumerate(value, 1):
            _check_value(row, item, features)
    return len(value)


def _check_value(row: int, value: object, features: Features) -> None:
    if not features:
        return
    if isinstance(value, dict):
        if value.keys() == set(features):
            return
        missing = [name for name in features if name not in value]
        unknown = [name for name in value if name not in features]
        parts = [f"lacks {_quoted(missing)}"] if missing else []
        parts += [f"has unknown {_quoted(unknown)}"] if unknown else []
        raise Refused(400, f"row {row} {' and '.join(parts)}", row=row, missing=missing, unknown=unknown)
    if isinstance(value, list):
        if len(value) != len(features):
            raise _wrong_width(row, len(value), features)
    elif len(features) != 1:
        kind = type(value).__name__
        raise Refused(400, f"row {row} is neither an object nor an array but a {kind}", row=row)


def _npy_rows(body: bytes, features: Features) -> int:
    """Return the rows an array in NumPy's format has; its header is read here, without NumPy.

    https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    """
    if body[:6] != b"\x93NUMPY":
        raise Refused(400, "the body is not an array in NumPy's format: it lacks the magic bytes")
    try:
        wide = 2 if body[6] == 1 else 4
        start = 8 + wide
        end = start + int.from_bytes(body[8:start], "little")
        header = ast.literal_eval(body[start:end].decode("latin-1"))
        shape, descr = tuple(int(n) for n in header["shape"]), header["descr"]
    except (ValueError, SyntaxError, KeyError, TypeError, IndexError, MemoryError, RecursionError) as cause:
        raise Refused(400, f"the body is not an array in NumPy's format: {cause}", reason=str(cause)) from cause
    if isinstance(descr, str):
        if "O" in descr:
            raise Refused(400, "the array holds pickled objects, which are not loaded")
        size = _item_bytes(descr) * math.prod(shape)
        if size >= 0 and len(body) - end != size:
            raise Refused(400, f"the array of shape {shape} should have {size} bytes, has {len(body) - end}")
    elif "O" in str(descr):
        raise Refused(400, "the array holds pickled objects, which are not loaded")
    rows, width = (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1]) if len(shape) > 1 else (1, 1)
    if features and width != len(features):
        raise _wrong_width(1, width, features)
    return rows


def _item_bytes(descr: str) -> int:
    kind, digits = descr.lstrip("<>|=")[:1], descr.lstrip("<>|=")[1:].partition("[")[0]
    return int(digits) * (4 if kind == "U" else 1) if digits.isdigit() else -1


def _wrong_width(row: int, found: int, features: Features) -> Refused:
    expected = len(features)
    more = {"row": row, "expected": expected, "found": found, "columns": list(features)}
    return Refused(400, f"row {row} has {found} columns, expected {expected}", **more)


def _quoted(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
