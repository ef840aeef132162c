"""How a digit's row becomes numbers: the same code in training and in serving, so that they cannot drift apart."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

Row = Sequence[object] | Mapping[str, object]

DARKEST = 16
"""Pixels go from 0, paper, to this."""


def read_table(folder: str | Path) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of every CSV file in a channel's folder, in the order of their names."""
    header: list[str] = []
    rows: list[list[str]] = []
    for path in sorted(Path(folder).glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            found = next(reader)
            if header and found != header:
                raise ValueError(f"{path.name} has another header than the files before it")
            header = found
            rows.extend(row for row in reader if row)
    if not rows:
        raise ValueError(f"no rows in {folder}")
    return header, rows


def matrix(columns: Sequence[str], rows: Sequence[Row]) -> np.ndarray:
    """Return one line of pixels from 0 to 1 a row. Rows are cells in the order of `columns`, or mappings by column."""
    numbers = np.array([_pixels(columns, row) for row in rows], dtype=np.float64)
    return numbers.reshape(len(rows), len(columns)) / DARKEST


def _pixels(columns: Sequence[str], row: Row) -> list[float]:
    cells = [row[name] for name in columns] if isinstance(row, Mapping) else row
    if len(cells) != len(columns):
        raise ValueError(f"a row has {len(cells)} cells where {len(columns)} are expected")
    return [_pixel(name, cell) for name, cell in zip(columns, cells, strict=True)]


def _pixel(name: str, cell: object) -> float:
    try:
        found = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = -1.0
    if not 0 <= found <= DARKEST:
        raise ValueError(f"`{name}` must be a number from 0 to {DARKEST}, got {cell!r}")
    return found
