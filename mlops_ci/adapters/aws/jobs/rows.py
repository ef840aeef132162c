"""Rows of a transform as SageMaker shall see them: one file an instance, each line a row where that is so."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.adapters.aws.requests.transform import MOST_MB
from mlops_ci.errors import ProviderError

_CSV = "text/csv"
_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Rows:
    """Files with `count` rows, in order by their names. `whole_mb` as `requests.transform.Placed` has it."""

    files: tuple[tuple[str, bytes], ...]
    count: int
    whole_mb: int


def divided(content: bytes, content_type: str, count: int) -> Rows:
    """Return rows divided among `count` instances, as evenly as may be.

    SageMaker sends lines and knows nothing of quotes: where a CSV cell holds a line end, every file is sent whole.

    Raises:
        ProviderError: then a file is larger than SageMaker sends at once.

    """
    text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    lines = list(io.StringIO(text)) if content_type != _CSV or '"' not in text else _records(text)
    rows = [line if line.endswith("\n") else f"{line}\n" for line in lines if line.strip("\n")]
    parts = max(1, min(count, len(rows)))
    bounds = [len(rows) * part // parts for part in range(parts + 1)]
    suffix = "csv" if content_type == _CSV else "jsonl"
    files = tuple(
        (f"part-{part:05d}.{suffix}", "".join(rows[bounds[part] : bounds[part + 1]]).encode()) for part in range(parts)
    )
    if not any("\n" in row[:-1] for row in rows):
        return Rows(files, len(rows), 0)
    largest = max(len(part) for _, part in files)
    if largest > MOST_MB * _MB:
        raise ProviderError(
            f"rows whose cells hold line ends are sent whole, and {largest} bytes are more than {MOST_MB} MB",
            hint="take the line ends out of the cells, or write a larger `evaluation.resources.count`",
        )
    return Rows(files, len(rows), -(-largest // _MB))


def _records(text: str) -> list[str]:
    """Return the text of each CSV record."""
    taken: list[str] = []
    records: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text):
            taken.append(line)
            yield line

    for _ in csv.reader(lines()):
        records.append("".join(taken))
        taken.clear()
    return records
