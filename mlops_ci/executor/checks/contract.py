"""The check `contract`: well-formed requests get well-formed answers, of the version that should serve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from mlops_ci.executor.checks.answers import UnexpectedAnswer, counted, illegal, media, values
from mlops_ci.executor.checks.asking import CSV, JSON, JSON_LINES, as_json_lines, body
from mlops_ci.executor.checks.finding import FAILED, PASSED, Finding
from mlops_ci.executor.checks.subject import Batch, Live, Subject
from mlops_ci.model import Json
from mlops_ci.ports.endpoints import Answer

EXAMPLES = (1, 5)
"""How many of the first test rows go in one request."""


def check(subject: Subject) -> Finding:
    """Return whether example rows are answered as the serving contract says.

    Raises:
        ProviderError: nothing answers.

    """
    counts = tuple(dict.fromkeys(min(count, len(subject.rows)) for count in EXAMPLES))
    match subject.service:
        case Live() as live:
            lines = _lines(subject, live, counts[-1])
            problems = (*_live(subject, live, counts), *_taken(subject, lines, counts[-1]))
            asked = f"`/ping` and {' and '.join(counted(count, 'row') for count in counts)} are answered"
            more = f" by {subject.name} in JSON{_note(lines)}"
        case Batch() as batch:
            problems = tuple(_batch(subject, batch, counts))
            asked, more = f"batch runs of {' and '.join(counted(count, 'row') for count in counts)} are answered", ""
        case _:
            assert_never(subject.service)
    if problems:
        others = f" (and {counted(len(problems) - 1, 'more problem')})" if len(problems) > 1 else ""
        return Finding(FAILED, problems[0] + others, problems)
    return Finding(PASSED, asked + more)


def _live(subject: Subject, live: Live, counts: tuple[int, ...]) -> Iterator[str]:
    """Yield what is wrong with the endpoint's answers."""
    status = live.ping()
    if status != 200:
        yield f"`/ping` answers {status}"
    content_type = subject.model.serving.content_type
    for count in counts:
        answer = live.invoke(body(subject.rows[:count]), content_type, JSON)
        yield from _answer(subject, answer, count, f"{counted(count, 'row')} of {content_type}")
    for accept, said in (("", "no Accept"), ("*/*", "`Accept: */*`")):
        answer = live.invoke(body(subject.rows[:1]), content_type, accept)
        yield from _answer(subject, answer, 1, f"1 row with {said}")


def _lines(subject: Subject, live: Live, count: int) -> Answer | None:
    """Return what the endpoint answers to rows as JSON Lines; None where these are its rows anyway."""
    if subject.model.serving.content_type != CSV:
        return None
    return live.invoke(body(as_json_lines(subject, count)), JSON_LINES, JSON)


def _taken(subject: Subject, lines: Answer | None, count: int) -> Iterator[str]:
    """Yield what is wrong with an answer to JSON Lines.

    Serving code need not take what its manifest does not send, so a refusal, and a 500 of a handler that raises for
    it, is told and not held against it.
    """
    if lines is not None and lines.status == 200:
        yield from _answer(subject, lines, count, f"{counted(count, 'row')} of {JSON_LINES}")


def _note(lines: Answer | None) -> str:
    if lines is None:
        return ""
    return ", JSON Lines too" if lines.status == 200 else f" (JSON Lines are not taken: {lines.status})"


def _answer(subject: Subject, answer: Answer, count: int, request: str) -> Iterator[str]:
    try:
        found = values(answer, count)
    except UnexpectedAnswer as error:
        yield f"{request}: {error.summary}"
        return
    if media(answer) != JSON:
        yield f"{request}: the answer is `{answer.content_type}`, expected `{JSON}`"
    if answer.version != subject.name:
        yield f"{request}: the answer comes from `{answer.version or 'no version'}`, expected `{subject.name}`"
    yield from _values(subject, found, request)


def _batch(subject: Subject, batch: Batch, counts: tuple[int, ...]) -> Iterator[str]:
    """Yield what is wrong with what batch runs return."""
    for count in counts:
        found = batch.transform(subject.rows[:count])
        request = f"a batch run of {counted(count, 'row')}"
        if len(found) != count:
            yield f"{request}: {counted(len(found), 'value')} came back"
            continue
        yield from _values(subject, found, request)


def _values(subject: Subject, found: tuple[Json, ...], request: str) -> Iterator[str]:
    if reason := illegal(subject, found):
        yield f"{request}: {reason}"
