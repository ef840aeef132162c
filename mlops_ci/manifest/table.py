"""The head of a table: its columns and first rows, read without loading it."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from mlops_ci.model import Tree

HEAD = 1 << 16
"""How many bytes are read."""


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file in order, and the first rows as text; `is_whole` where these are all rows.

    An empty file has no columns.
    """

    path: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_whole: bool

    def values(self, column: str) -> tuple[str, ...]:
        """Return the different values of a column in the rows known, sorted."""
        at = self.columns.index(column)
        return tuple(sorted({row[at] for row in self.rows if at < len(row)}))


def head(tree: Tree, path: str) -> Table | None:
    """Return the head of a CSV or JSON Lines file (either may be gzipped), or of the first such file of a folder.

    None where there is no such file, where it is of another kind, or where it cannot be read as what it is named.
    """
    if _reader(path):
        return _head(tree, path)
    return next((_head(tree, found) for found, _ in tree.blobs(path) if _reader(found)), None)


def _reader(path: str) -> Callable[[str, str, bool], Table | None] | None:
    """Return what reads files of that name; None where nothing does."""
    name = path.removesuffix(".gz")
    return {".csv": _csv, ".jsonl": _json_lines, ".ndjson": _json_lines}.get(name[name.rfind(".") :])


def _head(tree: Tree, path: str) -> Table | None:
    read = _reader(path)
    try:
        content = tree.read(path, HEAD)
        is_whole = len(content) < HEAD
        if path.endswith(".gz"):
            unpacker = zlib.decompressobj(31)
            content = unpacker.decompress(content, HEAD)
            is_whole = unpacker.eof
        text = content.decode("utf-8-sig", "strict" if is_whole else "ignore")
        return read(path, text, is_whole) if read else None
    except (OSError, ValueError, csv.Error, zlib.error, RecursionError):
        return None


def _csv(path: str, text: str, is_whole: bool) -> Table | None:
    rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline="")) if row]
    if not rows:
        return Table(path, (), (), is_whole) if is_whole else None
    # Where the file goes on, its last row is likely cut.
    return Table(path, rows[0], tuple(rows[1:] if is_whole else rows[1:-1]), is_whole)


def _json_lines(path: str, text: str, is_whole: bool) -> Table | None:
    lines = text.split("\n")
    found = [json.loads(line) for line in (lines if is_whole else lines[:-1]) if line.strip()]
    if not found or not all(isinstance(row, dict) for row in found):
        return None
    columns = tuple(found[0])
    rows = tuple(tuple(_text(row.get(column)) for column in columns) for row in found)
    return Table(path, columns, rows, is_whole)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
