"""Rows that are scored: without label and header, as a request carries them, with labels and slices aside."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from mlops_ci.adapters.files.columns import Layout, places
from mlops_ci.adapters.files.problems import Problems
from mlops_ci.adapters.files.sinks import create, request_sink, suffix
from mlops_ci.adapters.files.tables import text
from mlops_ci.model import Json
from mlops_ci.ports.datasets import TestSet

FOLDERS = {"test": "test", "validation": ".validation"}
"""Where the rows of each side lie in a dataset's folder; a job is never shown either."""


class ScoredRows:
    """Writes the rows of one side as they come; all of them come from tables with one header."""

    def __init__(
        self, root: Path, name: str, known: Layout, slices: tuple[str, ...], kind: str, files: ExitStack
    ) -> None:
        self._name = name
        self._folder = root / FOLDERS[name]
        self._known = known
        self._wanted = slices
        self._put = request_sink(
            files.enter_context(create(self._folder / f"rows{suffix(kind)}")), kind, known.features
        )
        self._labels: list[str] = []
        self._slices: dict[str, list[str]] = {}
        self._at: tuple[list[int], int, list[int]] | None = None

    def add(self, file: str, line: int, cells: Sequence[Json], columns: tuple[str, ...], problems: Problems) -> None:
        """Write a row; one without a label is told. Slices that the table does not have are left out."""
        if self._at is None:
            sliced = [name for name in self._wanted if name in columns]
            self._slices = {name: [] for name in sliced}
            self._at = places(columns, self._known.features), columns.index(self._known.label), places(columns, sliced)
        features, label_at, aside = self._at
        label = text(cells[label_at])
        if not label.strip():
            hint = "fill it in, or leave the row out"
            problems.add("missing-label", file, f"a {self._name} row has no label", line=line, hint=hint)
        self._labels.append(label)
        for column, at in zip(self._slices.values(), aside, strict=True):
            column.append(text(cells[at]))
        self._put([cells[at] for at in features])

    def finish(self) -> None:
        """Write labels and slices, when every row has come."""
        with create(self._folder / "labels.json") as out:
            json.dump({"labels": self._labels, "slices": self._slices}, out, ensure_ascii=False)


def scored_rows(root: Path, name: str, kind: str) -> TestSet:
    """Return the rows of a side that was written so.

    Raises:
        OSError, ValueError, KeyError, TypeError: the folder is damaged.

    """
    folder = root / FOLDERS[name]
    held = json.loads((folder / "labels.json").read_bytes())
    return TestSet(
        rows=str(folder / f"rows{suffix(kind)}"),
        labels=tuple(held["labels"]),
        slices=tuple((column, tuple(values)) for column, values in held["slices"].items()),
    )
