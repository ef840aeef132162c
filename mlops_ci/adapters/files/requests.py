"""The rows of a file as a package's requests carry them: one line each, without header, every one checked."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import IO

from mlops_ci.adapters.files.problems import Problems, nearest
from mlops_ci.adapters.files.tables import CSV, kind_of, lines_of, records_of

_WITHOUT = "rows come without the label, in the columns of `train`: `mlops-ci pull` writes them in package.json"


def requests(
    path: str, opened: Callable[[], IO[bytes]], features: tuple[str, ...], problems: Problems
) -> Iterator[str]:
    """Yield the line of each row; what is wrong is told in `problems`, with its line, and left out.

    A first row of CSV that is the package's columns is a header, and dropped. A package without `features` takes
    rows of any one width. `path` says the format and stands in problems.
    """
    lines = lines_of(path, opened, problems)
    return _csv(path, lines, features, problems) if kind_of(path) == CSV else _json(path, lines, features, problems)


def _csv(path: str, lines: Iterator[str], features: tuple[str, ...], problems: Problems) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    width, is_first = len(features), True
    for line, cells in records_of(path, csv.reader(lines, strict=True), problems):
        begins, is_first = is_first, False
        width = width or len(cells)
        if begins and features and tuple(cells) == features:
            continue
        if begins and _is_another_header(cells, features):
            problems.add(
                "batch-columns", path, "this header is not the package's", line=line,
                detail="expected: " + ",".join(features), hint=_unlike(cells, features), excerpt=",".join(cells),
            )  # fmt: skip
            problems.check()  # every row below it would be told again
        if len(cells) != width:
            problems.add(
                "batch-columns", path, f"this row has {len(cells)} columns, expected {width}", line=line,
                hint=_WITHOUT, excerpt=",".join(cells),
            )  # fmt: skip
            continue
        writer.writerow(cells)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _is_another_header(cells: list[str], features: tuple[str, ...]) -> bool:
    """Return whether a first row names most of a package's columns: no row of values does."""
    return bool(features) and tuple(cells) != features and len(set(cells) & set(features)) * 2 > len(features)


def _unlike(cells: list[str], features: tuple[str, ...]) -> str:
    extra = [cell for cell in cells if cell not in features]
    missing = [name for name in features if name not in cells]
    if extra:
        return f"take column `{extra[0]}` out" if not missing else nearest(extra[0], missing) or _WITHOUT
    return f"add column `{missing[0]}`" if missing else "bring the columns into that order"


def _json(path: str, lines: Iterator[str], features: tuple[str, ...], problems: Problems) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.add(
                "bad-json", path, f"this line is no JSON: {error}", line=number,
                hint='write one object or array a line, such as `{"x": 1}`', excerpt=line.rstrip(),
            )  # fmt: skip
            continue
        wrong = _wrong(found, features)
        if wrong:
            problems.add("batch-columns", path, wrong, line=number, hint=_WITHOUT, excerpt=line.rstrip())
            continue
        yield line.rstrip("\r\n") + "\n"


def _wrong(found: object, features: tuple[str, ...]) -> str:
    """Return what is wrong with a row of JSON, or an empty string."""
    if not features:
        return ""
    if isinstance(found, dict):
        odd = sorted(set(features) ^ found.keys())
        return f"this object's keys are not the package's columns: `{odd[0]}`" if odd else ""
    width = len(found) if isinstance(found, list) else 1
    return "" if width == len(features) else f"this row has {width} columns, expected {len(features)}"
