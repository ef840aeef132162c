"""How a diamond's row becomes numbers: the same code in training and in serving, so that they cannot drift apart."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

Row = Sequence[object] | Mapping[str, object]

GRADES = {
    "cut": ("Fair", "Good", "Very Good", "Premium", "Ideal"),
    "color": ("J", "I", "H", "G", "F", "E", "D"),
    "clarity": ("I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"),
}
"""Words that have an order, from the worst to the best: their place in it is the number."""
SIZES = ("x", "y", "z")
"""Millimetres; 0 says that nobody measured it."""


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
    """Return one line of float64 a row, NaN for what is not known. Rows are cells in this order, or mappings."""
    return np.array([_numbers(columns, row) for row in rows], dtype=np.float64).reshape(len(rows), len(columns))


def _numbers(columns: Sequence[str], row: Row) -> list[float]:
    cells = [row[name] for name in columns] if isinstance(row, Mapping) else row
    if len(cells) != len(columns):
        raise ValueError(f"a row has {len(cells)} cells where {len(columns)} are expected")
    return [_number(name, cell) for name, cell in zip(columns, cells, strict=True)]


def _number(name: str, cell: object) -> float:
    if cell is None or cell == "":
        return float("nan")
    if name in GRADES:
        grades = GRADES[name]
        if cell not in grades:
            raise ValueError(f"`{name}` must be one of {', '.join(grades)}, got {cell!r}")
        return float(grades.index(str(cell)))
    try:
        found = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"`{name}` must be a number, got {cell!r}") from None
    return float("nan") if name in SIZES and found == 0 else found
