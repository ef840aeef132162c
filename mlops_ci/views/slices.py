"""The deciding metric slice by slice: a table a slice column, a row a candidate, a column a value of the slice."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.plan.leaderboard import Board, Entry
from mlops_ci.views.figures import bounded

SHOWN = 6
"""How many values of a slice are shown: those with the most rows. JSON has all."""

Table = tuple[tuple[str, ...], ...]


def slice_tables(board: Board) -> Iterator[tuple[str, Table]]:
    """Yield (title, table with its header) of every slice column, in the order of the evaluation."""
    entries = tuple(entry for entry in board.with_defending() if entry.metrics)
    for column in dict.fromkeys(m.slice for entry in entries for m in entry.metrics if m.slice):
        rows: dict[str, int] = {}
        for entry in reversed(entries):  # of the best one the counts remain, where they differ
            rows |= {m.of: m.rows for m in entry.metrics if m.slice == column}
        values = sorted(sorted(rows, key=lambda of: (-rows[of], of))[:SHOWN])
        left = len(rows) - len(values)
        title = f"`{board.metric}` by `{column}`" + (f" ({left} smaller ones are in --json)" if left else "")
        header = ("candidate", *(f"{of or '(empty)'}, {rows[of]} rows" for of in values))
        told = ((entry.candidate, *(_cell(entry, board.metric, column, of) for of in values)) for entry in entries)
        yield title, (header, *told)


def _cell(entry: Entry, metric: str, column: str, of: str) -> str:
    found = next((m for m in entry.metrics if (m.metric, m.slice, m.of) == (metric, column, of)), None)
    return "" if found is None else bounded(found)
