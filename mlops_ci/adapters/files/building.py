"""Building a dataset's folder: rows in, channels, test rows and labels out.

train/train.csv             header, label in it, dropped columns gone, column order kept
validation/validation.csv   the same, where there is one
NAME/...                    other named channels, as they are
test/rows.csv               no header, no label: what a request carries
test/labels.json            the labels and slices of these rows
.validation/...             validation rows in the same way, where something is scored on them
dataset.json                features and counts; written last
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj

from mlops_ci.adapters.files.behind import DataFile
from mlops_ci.adapters.files.columns import Layout, fits, has_columns, layout, places
from mlops_ci.adapters.files.problems import LIMIT, Problems, nearest
from mlops_ci.adapters.files.scored import ScoredRows
from mlops_ci.adapters.files.sinks import Sink, channel_sink, create, suffix
from mlops_ci.adapters.files.tables import CSV, kind_of, read_table, text
from mlops_ci.fingerprint.split import row_key, side
from mlops_ci.judging.labels import Labels
from mlops_ci.model import SIDES, Data, Json

Row = tuple[str, str, int, list[Json], tuple[str, ...]]
"""Side, file, line, cells, and the columns that the cells are in."""


@dataclass(frozen=True, slots=True)
class Build:
    """What to build, and where. `scored` are the sides whose rows are also written as requests carry them."""

    folder: Path
    data: Data
    slices: tuple[str, ...]
    content_type: str
    problems: Problems
    scored: tuple[str, ...] = ("test",)

    def split(self, files: tuple[DataFile, ...]) -> None:
        """Build from one table, each row on the side that its key says.

        Raises:
            ManifestError: the table is wrong; every problem found is in it.

        """
        wanted = [
            ("the label", self.data.label),
            *(("key column", name) for name in self.data.key),
            *(("dropped column", name) for name in self.data.drop),
            *self._sliced(),
        ]
        columns = self._columns(files, wanted)
        known = layout(columns, self.data)
        keyed = places(columns, self.data.key or columns)

        def routed() -> Iterator[Row]:
            for file, line, cells, _ in self._rows(files, columns):
                at = side(row_key(text(cells[index]) for index in keyed), self.data.split)
                yield at, file, line, cells, columns

        shares = zip(SIDES, (self.data.split.train, self.data.split.validation, self.data.split.test), strict=True)
        needed = tuple(name for name, share in shares if share > 0 or name != "validation")
        self._write(routed(), known, dict.fromkeys(needed, files))

    def named(self, channels: dict[str, tuple[DataFile, ...]], *, wanted: tuple[str, ...]) -> None:
        """Build from channels that are split already; what is no side is copied as it is.

        `wanted` are the dropped columns that the training table must have, so that a misspelt one is told.

        Raises:
            ManifestError: a table is wrong; every problem found is in it.

        """
        sides = {name: files for name, files in channels.items() if name in SIDES}
        columns = self._columns(
            sides["train"], [("the label", self.data.label), *(("dropped column", name) for name in wanted)]
        )
        known = layout(columns, self.data)
        beside = {name: self._others(name, files, known) for name, files in sides.items() if name != "train"}
        self.problems.check()

        def routed() -> Iterator[Row]:
            for name, files in sides.items():
                for file, line, cells, found in self._rows(files, beside.get(name, columns)):
                    yield name, file, line, cells, found

        self._write(routed(), known, sides)
        for name, files in channels.items():
            if name not in SIDES:
                _copy(files, self.folder / name)

    def _others(self, name: str, files: tuple[DataFile, ...], known: Layout) -> tuple[str, ...]:
        """Return the columns of a validation or test table, which may be in another order than those of training."""
        columns = self._columns(files, self._sliced() if name == "test" else [])
        fits(files[0].shown, columns, known, (*self.data.drop, *self.slices), self.problems)
        return columns

    def _columns(self, files: tuple[DataFile, ...], wanted: list[tuple[str, str]]) -> tuple[str, ...]:
        """Return the columns of the first file, which the others share.

        Raises:
            ManifestError: a column is missing, or the file cannot be read.

        """
        table = read_table(files[0].shown, files[0].open, self.problems)
        if table is None or not has_columns(files[0].shown, table.columns, wanted, self.problems):
            self.problems.check()
        return table.columns if table else ()

    def _rows(
        self, files: tuple[DataFile, ...], columns: tuple[str, ...]
    ) -> Iterator[tuple[str, int, list[Json], tuple[str, ...]]]:
        for file in files:
            table = read_table(file.shown, file.open, self.problems)
            if table is None:
                continue
            if table.columns != columns:
                self.problems.add("another-header", file.shown, f"its columns are not those of `{files[0].shown}`",
                                  line=1, hint="give all files of a channel the same header",
                                  excerpt=",".join(table.columns))  # fmt: skip
                continue
            for line, cells in table.rows:
                yield file.shown, line, cells, columns

    def _write(self, rows: Iterator[Row], known: Layout, needed: dict[str, tuple[DataFile, ...]]) -> None:
        counts = dict.fromkeys(needed, 0)
        seen: set[str] = set()
        picks: dict[tuple[str, ...], tuple[list[int], int]] = {}
        with ExitStack() as files:
            sinks = {name: self._sink(name, known, found, files) for name, found in needed.items() if name != "test"}
            scored = {
                name: ScoredRows(self.folder, name, known, self.slices, self.content_type, files)
                for name in needed
                if name in self.scored
            }
            for name, file, line, cells, columns in rows:
                if columns not in picks:
                    picks[columns] = places(columns, known.kept), columns.index(known.label)
                kept_at, label_at = picks[columns]
                label = text(cells[label_at])
                if len(seen) < LIMIT or label == self.data.positive:
                    seen.add(label)
                if name in scored:
                    scored[name].add(file, line, cells, columns, self.problems)
                if name in sinks:
                    sinks[name]([cells[at] for at in kept_at])
                counts[name] += 1
        self._complete(counts, needed, seen)
        self.problems.check()
        for held in scored.values():
            held.finish()
        with create(self.folder / "dataset.json") as out:
            json.dump({"features": known.features, "counts": counts}, out, ensure_ascii=False)

    def _sink(self, name: str, known: Layout, files: tuple[DataFile, ...], stack: ExitStack) -> Sink:
        kind = kind_of(files[0].shown) or CSV
        file = stack.enter_context(create(self.folder / name / f"{name}{suffix(kind)}"))
        return channel_sink(file, kind, known.kept)

    def _complete(self, counts: dict[str, int], needed: dict[str, tuple[DataFile, ...]], seen: set[str]) -> None:
        for name, count in counts.items():
            if not count and not self.problems.found:
                hint = "" if self.data.channels else "change `data.split`, or bring more rows"
                self.problems.add("empty-side", needed[name][0].shown, f"no row is on the {name} side", hint=hint)
        positive = self.data.positive
        naming = Labels.of(seen)
        if positive and naming.name(positive) not in {naming.name(label) for label in seen} and sum(counts.values()):
            found = ", ".join(f"`{label}`" for label in sorted(seen)[:10])
            self.problems.add("unknown-positive", needed["train"][0].shown, f"no row has the label `{positive}`",
                              detail=f"labels: {found}", hint=nearest(positive, seen))  # fmt: skip

    def _sliced(self) -> list[tuple[str, str]]:
        return [("slice", name) for name in self.slices]


def _copy(files: tuple[DataFile, ...], folder: Path) -> None:
    for file in files:
        to = folder / file.name
        to.parent.mkdir(parents=True, exist_ok=True)
        with file.open() as source, to.open("xb") as out:
            copyfileobj(source, out)
