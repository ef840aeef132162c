"""Answers of an endpoint, read: one JSON value a row, each a prediction that the evaluation could read."""

from __future__ import annotations

from mlops_ci.errors import ProviderError
from mlops_ci.executor.checks.finding import clipped
from mlops_ci.executor.checks.subject import Subject
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.model import Json, Problem
from mlops_ci.ports.endpoints import Answer
from mlops_ci.runtime import answers


class UnexpectedAnswer(ProviderError):  # noqa: N818 - named after what happened
    """An HTTP answer that holds no prediction for each row."""

    code = "unexpected-answer"


def values(answer: Answer, rows: int) -> tuple[Json, ...]:
    """Return the `rows` values of an answer: an array, `{"predictions": [...]}`, JSON Lines, or one value for one row.

    Raises:
        UnexpectedAnswer: the status is not 200, the body is not JSON, or holds another count of values.

    """
    shown = clipped(answer.body.decode("utf-8", errors="replace")) or "an empty body"
    if answer.status != 200:
        raise UnexpectedAnswer(f"HTTP {answer.status} for {counted(rows, 'row')}: {shown}")
    try:
        found = tuple(answers.values(answer.body, media(answer)))
    except answers.NoValues as cause:
        raise UnexpectedAnswer(f"{cause} ({shown})") from cause
    if len(found) != rows:
        raise UnexpectedAnswer(f"{counted(len(found), 'value')} came back for {counted(rows, 'row')}")
    return found


def media(answer: Answer) -> str:
    """Return the media type of an answer, without parameters, in lower case."""
    return answer.content_type.partition(";")[0].strip().lower()


def counted(number: int, noun: str) -> str:
    """Return a count with its noun, `1 row` or `5 rows`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def illegal(subject: Subject, found: tuple[Json, ...]) -> str:
    """Return why what was answered for the first test rows are no legal predictions; empty where they are.

    They are legal where the evaluation can read them in the place of the recorded ones, and name no class that neither
    the test labels nor the recorded predictions know.

    Raises:
        ProviderError: the recorded predictions cannot be read themselves.
        ManifestError: the test labels do not fit the problem.

    """
    reading = Reading.of(subject.model)
    known = read_predictions(subject.recorded, subject.labels, reading)
    try:
        read = read_predictions((*found, *subject.recorded[len(found) :]), subject.labels, reading)
    except ProviderError as error:
        return error.summary
    if subject.model.problem is Problem.REGRESSION:
        return ""
    strange = (row for row, said in enumerate(read.answers[: len(found)], 1) if said.label not in known.classes)
    row = next(strange, 0)
    return f"row {row}: no row and no recorded prediction has the label `{read.answers[row - 1].label}`" if row else ""
