"""Rows as request bodies, and all rows through whatever serves them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import assert_never

from mlops_ci.executor.checks.answers import UnexpectedAnswer, values
from mlops_ci.executor.checks.subject import Batch, Live, Subject
from mlops_ci.model import Json

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
BODY_LIMIT = 6 * 2**20
"""Bytes that a request may have, as on SageMaker."""


def body(rows: tuple[str, ...]) -> bytes:
    """Return the rows as one request body."""
    return "\n".join(rows).encode()


def predictions(subject: Subject, size: int) -> tuple[Json, ...]:
    """Return one value for every test row, in order; asked for at most `size` rows a request.

    Raises:
        ProviderError: nothing answers.
        UnexpectedAnswer: an answer holds no prediction for each row.

    """
    match subject.service:
        case Live() as live:
            return tuple(value for part in chunks(subject.rows, size) for value in ask(subject, live, part))
        case Batch(transform):
            found = transform(subject.rows)
            if len(found) != len(subject.rows):
                raise UnexpectedAnswer(f"a batch run of {len(subject.rows)} rows gave {len(found)} values")
            return found
        case _:
            assert_never(subject.service)


def ask(subject: Subject, live: Live, rows: tuple[str, ...]) -> tuple[Json, ...]:
    """Return what the endpoint answers to these rows in one request, one value a row.

    Raises:
        ProviderError: nothing answers.
        UnexpectedAnswer: the answer holds no prediction for each row.

    """
    return values(live.invoke(body(rows), subject.model.serving.content_type, JSON), len(rows))


def chunks(rows: tuple[str, ...], size: int, limit: int = BODY_LIMIT) -> Iterator[tuple[str, ...]]:
    """Yield the rows in order, in parts of at most `size` rows and `limit` bytes; a longer row is a part of its own."""
    part: list[str] = []
    length = 0
    for row in rows:
        more = len(row.encode()) + 1
        if part and (len(part) == size or length + more > limit):
            yield tuple(part)
            part, length = [], 0
        part.append(row)
        length += more
    if part:
        yield tuple(part)


def cells(row: str) -> list[str]:
    """Return the cells of a CSV row."""
    return next(csv.reader([row], strict=False), [])


def line(found: list[str]) -> str:
    """Return cells as a CSV row, without a line end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(found)
    return text.getvalue()


def as_json_lines(subject: Subject, count: int) -> tuple[str, ...]:
    """Return the first `count` test rows as JSON objects by column; they are CSV rows.

    A column is of numbers where every test row's cell is the usual spelling of one (so `08001` stays text); an empty
    cell is null.
    """
    table = [cells(row) for row in subject.rows]
    numeric = [all(_number(row[at]) is not None or not row[at] for row in table) for at in range(len(subject.features))]
    return tuple(
        json.dumps(
            {
                name: (_number(cell) if is_number else cell) if cell else None
                for name, cell, is_number in zip(subject.features, row, numeric, strict=True)
            }
        )
        for row in table[:count]
    )


def _number(cell: str) -> int | float | None:
    for kind in (int, float):
        try:
            if repr(kind(cell)) == cell:
                return kind(cell)
        except ValueError:
            continue
    return None
