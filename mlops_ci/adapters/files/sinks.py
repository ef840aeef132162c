"""Writing the tables of a dataset: channels with a header, and test rows as a request carries them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from mlops_ci.adapters.files.tables import CSV, text
from mlops_ci.model import Json

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")

Sink = Callable[[Sequence[Json]], object]


def suffix(kind: str) -> str:
    """Return the file suffix of a table's media type."""
    return ".csv" if kind == CSV else ".jsonl"


def channel_sink(file: IO[str], kind: str, columns: Sequence[str]) -> Sink:
    """Return what writes one row of a channel; a CSV's header is written at once."""
    if kind != CSV:
        return _objects(file, columns)
    write = csv.writer(file, lineterminator="\n").writerow
    write(columns)
    return lambda cells: write([text(cell) for cell in cells])


def request_sink(file: IO[str], kind: str, columns: Sequence[str]) -> Sink:
    """Return what writes one row as a request carries it: CSV without a header, or an object a line.

    Where objects are made of a CSV's cells, a cell that reads as a JSON number becomes one, and an empty one null.
    """
    if kind == CSV:
        write = csv.writer(file, lineterminator="\n").writerow
        return lambda cells: write([text(cell) for cell in cells])
    put = _objects(file, columns)
    return lambda cells: put([_value(cell) for cell in cells])


def create(path: Path) -> IO[str]:
    """Return a new file to write text with exact line ends to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("x", encoding="utf-8", newline="")


def _objects(file: IO[str], columns: Sequence[str]) -> Sink:
    def write(cells: Sequence[Json]) -> None:
        file.write(json.dumps(dict(zip(columns, cells, strict=True)), ensure_ascii=False) + "\n")

    return write


def _value(cell: Json) -> Json:
    if not isinstance(cell, str):
        return cell
    if not cell:
        return None
    return json.loads(cell) if _NUMBER.fullmatch(cell) else cell
