"""Rows of a file through a package's handlers, as batch transform does.

`python -m mlops_ci.runtime.transform --package DIR --rows FILE --content-type CT --batch N --out FILE [--accept A]`
sends N rows a call and writes one JSON value a row, as JSON Lines. Exit codes: 0 done; 1 the package does not load, a
row cannot be decoded, or the user's code raised; 2 an answer holds another count of values than rows were sent. The
last line on stderr says what happened; the output file is written whole or not at all.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlops_ci.runtime.answers import NoValues, values
from mlops_ci.runtime.decoding import BODY_LIMIT
from mlops_ci.runtime.handlers import Handler, NoHandlers, load
from mlops_ci.runtime.media import CSV, JSON, Refused, is_json_lines
from mlops_ci.runtime.package import Damaged, verify


class Miscounted(Exception):  # noqa: N818 - named after what happened
    """An answer holds another count of values than rows were sent."""


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="transform")
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--content-type", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--accept", default=JSON)
    options = parser.parse_args(arguments)
    rows, out = options.rows.resolve(), options.out.resolve()  # loading changes the working folder
    beside = out.with_name(f".{out.name}.part")
    try:
        verify(options.package)
        handler = load(options.package)
        with rows.open(encoding="utf-8-sig", newline="") as source, beside.open("w", encoding="utf-8") as sink:
            for value in answered(handler, source, options.content_type, options.accept, batch=options.batch):
                sink.write(json.dumps(value) + "\n")
        beside.replace(out)
    except Miscounted as problem:
        return _said(str(problem), 2)
    except (NoHandlers, Damaged, Refused, NoValues) as problem:
        return _said(str(problem), 1)
    except UnicodeDecodeError as problem:
        return _said(f"{rows.name} is not UTF-8: {problem}", 1)
    except BaseException as problem:
        traceback.print_exc()
        last = "".join(traceback.format_exception_only(problem)).strip().splitlines()[-1]
        return _said(f"the serving code raised {last}", 1)
    finally:
        beside.unlink(missing_ok=True)
    return 0


def answered(handler: Handler, source: Iterable[str], header: str, accept: str, *, batch: int) -> Iterator[object]:
    """Give one value a row, in order.

    Raises:
        Miscounted: an answer holds more or fewer values than rows were sent.
        Refused: a row cannot be decoded or has other columns; its number is that in the file.
        NoValues: an answer is not JSON.

    """
    media, wanted = handler.media(header, accept)
    rows = _records(source) if media == CSV else _lines(source, media)
    before = 0
    for part in _calls(rows, batch):
        try:
            checked = handler.rows("".join(part).encode(), media)
        except Refused as problem:
            raise _moved(problem, before) from problem
        found = values(*handler.answer(checked, media, wanted))
        where = f"rows {before + 1} to {before + len(part)}"
        if len(found) != len(part):
            raise Miscounted(f"{where} are {len(part)} rows, but the answer holds {len(found)} values")
        yield from found
        before += len(part)


def _calls(rows: Iterator[str], batch: int) -> Iterator[list[str]]:
    """Give the rows of each call: at most `batch`, and no more bytes than a call may have."""
    part: list[str] = []
    size = 0
    for row in rows:
        size += len(row.encode())
        if part and (len(part) >= batch or size > BODY_LIMIT):
            yield part
            part, size = [], len(row.encode())
        part.append(row)
    if part:
        yield part


def _records(source: Iterable[str]) -> Iterator[str]:
    """Give the text of each CSV record, whose cells may hold line breaks."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in source:
            taken.append(line)
            yield line

    reader = csv.reader(lines(), strict=True)
    number = blank = 0
    try:
        for cells in reader:
            number += 1
            blank = blank or (0 if cells else number)
            if cells and blank:
                raise Refused(400, f"row {blank} is empty", row=blank)
            if cells:  # blank lines are forgiven at the end alone
                yield "".join(taken)
            taken.clear()
    except csv.Error as cause:
        raise Refused(400, f"row {number + 1} is not CSV: {cause}", row=number + 1) from cause


def _lines(source: Iterable[str], media: str) -> Iterator[str]:
    if not is_json_lines(media):
        raise Refused(415, f"rows cannot be told apart in `{media}`, expected `{CSV}` or `application/jsonlines`")
    return (line for line in source if line.strip())


def _moved(problem: Refused, before: int) -> Refused:
    """Return the refusal with the row's number in the file instead of in its call."""
    row = problem.about.get("row")
    if not isinstance(row, int):
        return problem
    text = str(problem).replace(f"row {row} ", f"row {before + row} ", 1)
    more = {key: value for key, value in problem.about.items() if key not in {"error", "row"}}
    return Refused(problem.status, text, row=before + row, **more)


def _said(text: str, code: int) -> int:
    print(f"error: {text}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
