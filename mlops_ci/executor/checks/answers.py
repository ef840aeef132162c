"""Answers of an endpoint, read: one JSON value a row, and why one may be no legal prediction."""

from __future__ import annotations

import json
import math

from mlops_ci.errors import ProviderError
from mlops_ci.executor.checks.finding import clipped
from mlops_ci.executor.checks.subject import Subject
from mlops_ci.model import Json, Problem
from mlops_ci.ports.endpoints import Answer

SUM_SLACK = 1e-3
"""How far probabilities may miss a sum of 1: serving code that rounds to four digits is not wrong."""


class UnexpectedAnswer(ProviderError):  # noqa: N818 - named after what happened
    """An HTTP answer that holds no prediction for each row."""

    code = "unexpected-answer"


def values(answer: Answer, rows: int) -> tuple[Json, ...]:
    """Return the `rows` values of an answer: an array, `{"predictions": [...]}`, JSON Lines, or one value for one row.

    Raises:
        UnexpectedAnswer: the status is not 200, the body is not JSON, or holds another count of values.

    """
    text = answer.body.decode("utf-8", errors="replace").strip()
    if answer.status != 200:
        raise UnexpectedAnswer(f"HTTP {answer.status} for {counted(rows, 'row')}: {clipped(text) or 'an empty body'}")
    found = _parsed(text)
    if len(found) != rows:
        raise UnexpectedAnswer(f"{counted(len(found), 'value')} came back for {counted(rows, 'row')}")
    return found


def counted(number: int, noun: str) -> str:
    """Return a count with its noun, `1 row` or `5 rows`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _parsed(text: str) -> tuple[Json, ...]:
    try:
        whole = json.loads(text)
    except ValueError:
        # JSON Lines: each line is JSON where the whole is not.
        try:
            return tuple(json.loads(line) for line in text.splitlines() if line.strip())
        except ValueError as cause:
            raise UnexpectedAnswer(f"the answer is not JSON: {clipped(text)}") from cause
    if isinstance(whole, dict) and isinstance(whole.get("predictions"), list):
        whole = whole["predictions"]
    return tuple(whole) if isinstance(whole, list) else (whole,)


def illegal(value: Json, subject: Subject) -> str:
    """Return why a value is no legal prediction for the subject's problem; empty where it is one.

    For regression a finite number; for a binary problem also P(positive) as a number in [0, 1]; for classes a known
    label, or an object with one and, maybe, a probability of each class, summing to 1.
    """
    shown = clipped(json.dumps(value))
    problem, output = subject.model.problem, subject.model.serving.output
    if problem is Problem.REGRESSION:
        return "" if _is_finite(value) else f"{shown} is no finite number"
    if isinstance(value, dict):
        if output.label not in value:
            return f"{shown} has no key `{output.label}`"
        return _unknown(value[output.label], subject) or _improbable(value.get(output.probabilities))
    if problem is Problem.BINARY and isinstance(value, (int, float)) and not isinstance(value, bool):
        return "" if 0 <= value <= 1 else f"{shown} is no probability of the positive class"
    return _unknown(value, subject)


def _unknown(label: Json, subject: Subject) -> str:
    known = {as_text(text) for text in subject.labels}
    for value in subject.recorded:
        # A class may be too rare to occur among the test labels, and yet be one that the model knows.
        if isinstance(value, dict):
            probabilities = value.get(subject.model.serving.output.probabilities)
            known |= {as_text(key) for key in probabilities} if isinstance(probabilities, dict) else set()
            value = value.get(subject.model.serving.output.label)  # noqa: PLW2901 - the label it stands for
        known.add(as_text(value))
    return "" if as_text(label) in known else f"the label {clipped(json.dumps(label))} is not known"


def as_text(label: Json) -> str:
    """Return a label as text, such that `1`, `1.0` and `"1"` are one label, and so are `true` and `"True"`."""
    if isinstance(label, bool) or (isinstance(label, str) and label.lower() in {"true", "false"}):
        return str(label).lower()
    if not isinstance(label, (str, int, float)):
        return json.dumps(label)
    try:
        number = float(label)
    except (ValueError, OverflowError):
        return str(label)
    return str(int(number)) if number.is_integer() else repr(number) if math.isfinite(number) else str(label)


def _improbable(probabilities: Json) -> str:
    if probabilities is None:
        return ""
    shown = clipped(json.dumps(probabilities))
    if not isinstance(probabilities, dict):
        return f"probabilities are no object but {shown}"
    numbers = [p for p in probabilities.values() if isinstance(p, (int, float)) and not isinstance(p, bool)]
    if len(numbers) != len(probabilities) or not all(0 <= p <= 1 for p in numbers):
        return f"probabilities are no numbers between 0 and 1: {shown}"
    total = sum(numbers)
    return "" if abs(total - 1) <= SUM_SLACK else f"probabilities sum to {total:g}: {shown}"


def _is_finite(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
