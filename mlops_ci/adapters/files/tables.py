"""Reading tables: CSV with a header, or JSON Lines, plain or gzipped, row by row and with line numbers."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from mlops_ci.adapters.files.problems import Problems
from mlops_ci.errors import ProviderError
from mlops_ci.model import Json

CSV = "text/csv"
JSON_LINES = "application/jsonlines"
_OBJECT = 'write one JSON object a line, such as `{"x": 1}`'
_SUFFIXES = {".csv": CSV, ".jsonl": JSON_LINES, ".ndjson": JSON_LINES}


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is being read: its columns, and (line, cells in their order) of each row. Cells of CSV are text."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[int, list[Json]]]


def kind_of(path: str) -> str | None:
    """Return the media type of a table by its file's name; None where it cannot be read here."""
    name = path.removesuffix(".gz")
    return next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), None)


def text(cell: Json) -> str:
    """Return a cell as text: nothing for null, and what is no text as its JSON."""
    if isinstance(cell, str):
        return cell
    return "" if cell is None else json.dumps(cell, ensure_ascii=False, sort_keys=True)


def read_table(path: str, opened: Callable[[], IO[bytes]], problems: Problems) -> Table | None:
    """Return the table in a file; None, with the problem told, where it has no readable header.

    `path` says the format and stands in problems. Rows that are wrong are told and left out.
    """
    kind = kind_of(path)
    if kind is None:
        hint = "save it as CSV with a header, or as JSON Lines"
        what = "Parquet" if path.endswith((".parquet", ".pq")) else "this kind of file"
        problems.add("unreadable-data", path, f"{what} cannot be read here", detail="known: csv, jsonl, ndjson, csv.gz",
                     hint=hint)  # fmt: skip
        return None
    lines = lines_of(path, opened, problems)
    table = _csv_table(path, lines, problems) if kind == CSV else _json_table(path, lines, problems)
    if table is not None:
        repeated = sorted({name for name in table.columns if table.columns.count(name) > 1})
        for name in repeated:
            problems.add(
                "duplicate-column",
                path,
                f"column `{name}` is there more than once",
                line=1,
                hint="rename or delete one of them",
                excerpt=",".join(table.columns),
            )
        if repeated:
            return None
    return table


def lines_of(path: str, opened: Callable[[], IO[bytes]], problems: Problems) -> Iterator[str]:
    """Yield the file's lines with their ends. A line that is no text is told, and replaced by a blank one."""
    try:
        with opened() as raw, gzip.open(raw) if path.endswith(".gz") else raw as file:
            for number, line in enumerate(file, 1):
                try:
                    found = line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    problems.add("not-utf-8", path, f"byte {error.start + 1} of this line is no UTF-8", line=number,
                                 hint="save the file as UTF-8")  # fmt: skip
                    found = "\n"
                if "\0" in found:
                    problems.add(
                        "nul-byte",
                        path,
                        "this line holds a NUL byte",
                        line=number,
                        hint="the file is damaged, or no text: export it again",
                    )
                    found = "\n"
                yield found
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        problems.add("bad-gzip", path, f"this is no whole gzip file: {error}", hint="compress or copy it again")
    except OSError as error:
        raise ProviderError(f"cannot read `{path}`: {error.strerror or error}") from error


def _csv_table(path: str, lines: Iterator[str], problems: Problems) -> Table | None:
    reader = csv.reader(lines, strict=True)
    records = records_of(path, reader, problems)
    header = next(records, None)
    if header is None:
        problems.check()
        problems.add(
            "no-header",
            path,
            "the file is empty; its first line names the columns",
            hint="fill it, or take it out of `data`",
        )
        return None
    columns = tuple(header[1])

    def rows() -> Iterator[tuple[int, list[Json]]]:
        for line, record in records:
            if len(record) == len(columns):
                yield line, [*record]
            else:
                problems.add(
                    "ragged-row", path, f"this row has {len(record)} cells, and the header {len(columns)}",
                    line=line, hint="put cells that hold a comma in quotes", excerpt=",".join(record),
                )  # fmt: skip

    return Table(columns, rows())


def records_of(path: str, reader: Iterator[list[str]], problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Yield (first line, cells) of each record that is not blank; a record that cannot be parsed is the last."""
    line = 1
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            problems.add(
                "bad-csv", path, f"this is no CSV: {error}", line=line, hint="write a quote within quotes twice"
            )
            return
        if record is None:
            return
        if record:
            yield line, record
        line = getattr(reader, "line_num", line) + 1


def _json_table(path: str, lines: Iterator[str], problems: Problems) -> Table | None:
    records = _objects(path, lines, problems)
    first = next(records, None)
    if first is None:
        problems.check()
        problems.add("no-rows", path, "the file holds no JSON object", hint="write one object a line")
        return None
    columns = tuple(first[1])
    known = set(columns)

    def rows() -> Iterator[tuple[int, list[Json]]]:
        record: tuple[int, dict[str, Json]] | None = first
        while record is not None:
            line, found = record
            if found.keys() == known:
                yield line, [found[name] for name in columns]
            else:
                odd = sorted(known ^ found.keys())
                problems.add(
                    "ragged-row", path, f"this object's keys are not those of the first: `{odd[0]}`",
                    line=line, hint="write null where a value is missing",
                )  # fmt: skip
            record = next(records, None)

    return Table(columns, rows())


def _objects(path: str, lines: Iterator[str], problems: Problems) -> Iterator[tuple[int, dict[str, Json]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError as error:
            problems.add(
                "bad-json", path, f"this line is no JSON: {error}", line=number, hint=_OBJECT, excerpt=line.rstrip()
            )
            continue
        if isinstance(found, dict):
            yield number, found
        else:
            problems.add(
                "bad-json", path, "this line is no JSON object", line=number, hint=_OBJECT, excerpt=line.rstrip()
            )
