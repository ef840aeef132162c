"""Channels as SageMaker's built-in algorithms read them: CSV without a header, numbers alone, the label first."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from mlops_ci.adapters.drafts import signed, sweep
from mlops_ci.adapters.files.problems import Problems
from mlops_ci.adapters.files.sinks import create
from mlops_ci.adapters.files.tables import CSV, read_table, text
from mlops_ci.errors import ProviderError
from mlops_ci.fingerprint.canonical import digest
from mlops_ci.judging.labels import Labels
from mlops_ci.model import SIDES, Data, Json, Problem
from mlops_ci.ports.jobs import Input

_FORMAT = 1
_DRAFT = ".heading-"


def headless(root: Path, channels: tuple[Input, ...], data: Data, problem: Problem) -> tuple[Input, ...]:
    """Return train and validation rewritten below `root`, once, and the other channels as they are.

    In a binary problem the label is 1 for the positive class and 0 for the other one.

    Raises:
        ProviderError: the labels are no classes that such algorithms take, or a row cannot be read.

    """
    sides = [given for given in channels if given.name in SIDES]
    made = root / digest({
        "headless": _FORMAT, "of": [given.location for given in sides], "label": data.label,
        "positive": data.positive, "problem": problem.value,
    })  # fmt: skip
    if not made.is_dir():
        named = _naming(sides, data, problem)
        root.mkdir(parents=True, exist_ok=True)
        sweep(root, _DRAFT)
        draft = Path(tempfile.mkdtemp(dir=root, prefix=signed(_DRAFT)))
        try:
            for given in sides:
                _write(given, draft / given.name, data.label, named)
            draft.chmod(0o755)
            draft.rename(made)
        except OSError as error:
            if not made.is_dir():  # else somebody made the same at the same time
                raise ProviderError(f"cannot write the rows `{made}`: {error.strerror or error}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    os.utime(made)
    written = {given.name for given in sides}
    return tuple(Input(at.name, str(made / at.name), CSV) if at.name in written else at for at in channels)


def _naming(sides: list[Input], data: Data, problem: Problem) -> Callable[[str], str]:
    """Return what writes a label as such algorithms read it."""
    if problem is Problem.REGRESSION:
        return str
    texts = {text(label) for given in sides for label, _ in _rows(given, data.label)}
    naming = Labels.of(texts)
    classes = {name for one in texts if (name := naming.name(one)) is not None}
    if problem is Problem.BINARY:
        positive = (naming.name(data.positive) if data.positive else None) or max(classes)
        return lambda label: str(int(naming.name(label) == positive))
    if classes != {str(number) for number in range(len(classes))}:
        raise ProviderError(
            f"an algorithm takes the classes of `{data.label}` as whole numbers from 0",
            hint="number them in a processing script, or train with a script of your own",
        )
    return lambda label: naming.name(label) or label


def _write(given: Input, folder: Path, label: str, named: Callable[[str], str]) -> None:
    with create(folder / f"{given.name}.csv") as out:
        write = csv.writer(out, lineterminator="\n").writerow
        for found, cells in _rows(given, label):
            write([named(text(found)), *(text(cell) for cell in cells)])


def _rows(given: Input, label: str) -> Iterator[tuple[Json, list[Json]]]:
    """Yield the label and the other cells of every row of a channel."""
    for place in sorted(Path(given.location).iterdir()):
        problems = Problems()
        table = read_table(place.name, lambda place=place: place.open("rb"), problems)  # type: ignore[misc]
        if table is not None:
            at = table.columns.index(label)
            for _, cells in table.rows:
                yield cells[at], cells[:at] + cells[at + 1 :]
        problems.check()
