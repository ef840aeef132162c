"""The check `robustness`: broken requests are refused, and the endpoint lives on.

A request whose *shape* is wrong (empty, columns too few or too many, not UTF-8, broken JSON, too large) must get a 4xx:
a 200 would be a prediction of nothing, and a 500 says that nobody checked. Where what serves leaves that to the model's
code, as SageMaker's containers do, a 500 is all that an exception can say, and will do. A request whose shape is right
and whose *values* are odd (words for numbers, a header line, a content type that only the model's own code can know) is
the model's to judge: any answer below 500 will do, and so will 500, which is an exception in the model's code. Where no
answer comes, the check has failed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.errors import ProviderError
from mlops_ci.executor.checks.answers import counted
from mlops_ci.executor.checks.asking import BODY_LIMIT, CSV, JSON, ask, body, cells, line
from mlops_ci.executor.checks.finding import FAILED, PASSED, Finding, clipped
from mlops_ci.executor.checks.subject import Live, Subject
from mlops_ci.judging.parity import differences
from mlops_ci.ports.endpoints import Answer

NOISE = 4096
"""Bytes of noise that are sent."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A request that no well-meaning client sends. Where it `is_misshapen`, more is wrong than its values."""

    name: str
    body: bytes
    content_type: str
    is_misshapen: bool


def check(subject: Subject, live: Live) -> Finding:
    """Return whether every broken request is refused, and the first test row answered after them as before.

    Raises:
        ProviderError: the first test row is not answered in the first place.

    """
    first = subject.rows[:1]
    before = ask(subject, live, first)
    refused, by_model, problems = 0, 0, list[str]()
    for broken in requests(subject):
        try:
            status = _send(live, broken)
        except ProviderError as error:
            # The next request would wait as long for nothing.
            problems.append(f"{broken.name} gets no answer: {error.summary}")
            break
        refused += 400 <= status < 500
        by_model += status == 500
        problems.extend(_problem(broken, status, live))
    try:
        after = ask(subject, live, first)
    except ProviderError as error:
        problems.append(f"afterwards the first test row gets no prediction: {error.summary}")
    else:
        if differences(before, after):
            shown = f"{clipped(json.dumps(after[0]))}, before {clipped(json.dumps(before[0]))}"
            problems.append(f"afterwards the first test row is answered {shown}")
    if problems:
        others = f" (and {counted(len(problems) - 1, 'more problem')})" if len(problems) > 1 else ""
        return Finding(FAILED, problems[0] + others, tuple(problems))
    sent = len(tuple(requests(subject)))
    rest = sent - refused - by_model
    counts = f"{refused} refused with 4xx, {by_model} with 500 by the model's code, {rest} with odd values answered"
    return Finding(PASSED, f"{sent} broken requests: {counts}; afterwards the first test row is answered as before")


def requests(subject: Subject) -> Iterator[Broken]:
    """Yield the broken requests, the same ones each time."""
    row, content_type = subject.rows[0], subject.model.serving.content_type
    yield Broken("an empty body", b"", content_type, is_misshapen=True)
    yield from _csv(subject, row) if content_type == CSV else _json_lines(row, content_type)
    yield Broken("a row that is not UTF-8", b"\xff\xfe" + row.encode(), content_type, is_misshapen=True)
    yield Broken("noise", _noise(), content_type, is_misshapen=True)
    yield Broken("broken JSON", b'[[1, 2, {"a": ', JSON, is_misshapen=True)
    yield Broken("an unknown content type", body((row,)), "application/x-nobody-knows", is_misshapen=False)
    size = BODY_LIMIT // (len(row.encode()) + 1) + 1
    yield Broken("a body over 6 MB", body((row,) * size) + b"\n", content_type, is_misshapen=True)


def _csv(subject: Subject, row: str) -> Iterator[Broken]:
    found = cells(row)
    if len(found) > 1:
        yield Broken("a row with a column too few", line(found[:-1]).encode(), CSV, is_misshapen=True)
    yield Broken("a row with a column too many", line([*found, "1"]).encode(), CSV, is_misshapen=True)
    yield Broken("a header line", line(list(subject.features)).encode(), CSV, is_misshapen=False)
    yield Broken("a row of question marks", line(["?"] * len(found)).encode(), CSV, is_misshapen=False)


def _json_lines(row: str, content_type: str) -> Iterator[Broken]:
    found = json.loads(row)
    yield Broken("a line cut in the middle", row[: len(row) // 2].encode(), content_type, is_misshapen=True)
    if isinstance(found, dict):
        fewer = dict(list(found.items())[:-1])
        yield Broken("a row with a key too few", json.dumps(fewer).encode(), content_type, is_misshapen=True)
        more = {**found, "nobody-knows": 1}
        yield Broken("a row with an unknown key", json.dumps(more).encode(), content_type, is_misshapen=True)
        marks = dict.fromkeys(found, "?")
        yield Broken("a row of question marks", json.dumps(marks).encode(), content_type, is_misshapen=False)


def _send(live: Live, broken: Broken) -> int:
    """Return the status that a broken request gets.

    Raises:
        ProviderError: no answer came. A body over the limit may also be refused by closing the connection while it is
            sent, which HTTP allows and a client sees as an error; that counts as 413.

    """
    try:
        answer: Answer = live.invoke(broken.body, broken.content_type, JSON)
    except ProviderError as error:
        if len(broken.body) > BODY_LIMIT and isinstance(error.__cause__, (BrokenPipeError, ConnectionResetError)):
            return 413
        raise
    return answer.status


def _problem(broken: Broken, status: int, live: Live) -> Iterator[str]:
    if broken.is_misshapen and not 400 <= status < (500 if live.refuses_misshapen else 501):
        yield f"{broken.name} gets {status}, expected 4xx{'' if live.refuses_misshapen else ' or 500'}"
    elif status > 500:
        yield f"{broken.name} gets {status}, expected 500 at most"


def _noise() -> bytes:
    """Return bytes that are noise, are no UTF-8, and are the same each time."""
    blocks = (hashlib.sha256(str(at).encode()).digest() for at in range(NOISE // 32))
    return b"\x00\xff" + b"".join(blocks)
