"""Predictions: what a serving package answered, one JSON value a row, beside the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.errors import ManifestError, ProviderError
from mlops_ci.judging.answers import SCORE, Answer, ClassAnswers, number
from mlops_ci.judging.labels import Labels
from mlops_ci.model import Model, OutputMapping, Problem
from mlops_ci.model.effects import Json
from mlops_ci.model.sources import within

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read answers. `positive` empty means the last of the sorted labels; `threshold` cuts P(positive).

    `where` is the path that problems of the true labels are told at.
    """

    problem: Problem
    positive: str = ""
    threshold: float = 0.5
    output: OutputMapping = field(default_factory=OutputMapping)
    where: str = "data"

    @classmethod
    def of(cls, model: Model) -> Reading:
        """Return how a manifest wants its answers read."""
        paths = dict(model.data.paths())
        path = paths.get("test", model.data.path)
        where = within(model.folder, path) or path or model.folder
        return cls(model.problem, model.data.positive, model.evaluation.threshold, model.serving.output, where)


@dataclass(frozen=True, slots=True)
class Predictions:
    """The answers of all rows and their true labels, classes named alike in both (regression: numbers as text).

    `positive` is the positive class of a binary problem, else empty. `lacks` says why there are no probabilities;
    empty where every row has them.
    """

    problem: Problem
    truth: tuple[str, ...]
    answers: tuple[Answer, ...]
    classes: tuple[str, ...]
    positive: str
    lacks: str

    def rows(self, slices: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Json, ...]:
        """Return one object a row: `label`, `prediction`, `probabilities` (or null), and the slice columns.

        Labels are text; numbers for regression. This is what a custom metric is called with.
        """
        numeric = self.problem is Problem.REGRESSION
        return tuple(
            {
                **{name: values[at] for name, values in slices},
                "label": float(label) if numeric else label,
                "prediction": answer.value if numeric else answer.label,
                "probabilities": None if answer.probabilities is None else dict(answer.probabilities),
            }
            for at, (label, answer) in enumerate(zip(self.truth, self.answers, strict=True))
        )


def read_predictions(values: tuple[Json, ...], labels: tuple[str, ...], reading: Reading) -> Predictions:
    """Return the predictions in one JSON value a row, beside the true `labels` of the same rows.

    For classes a value is a label, or an object with a label and probabilities under the keys of `reading.output`. One
    of them may be missing: the label is then cut at the threshold (binary: P(positive) >= threshold), or the likeliest
    class; a number in the place of the probabilities is P(positive). A bare number is P(positive) of a binary problem;
    only where every answer is a JSON integer that names a class are they labels. A list of one value is that value.
    Classes that are whole numbers are one, however they are written (`1`, `1.0`, `"1"`).

    Raises:
        ProviderError: another count of values than rows; values that are none of these, or not finite; probabilities
            outside of [0, 1], or that do not sum to 1; no predicted label that is a label of any row.
        ManifestError: the true labels do not fit the problem.

    """
    if len(values) != len(labels):
        raise ProviderError(
            f"the serving code answered {len(values)} values for {len(labels)} rows",
            hint="answer one JSON value a row, in the order of the rows",
        )
    plain = tuple(v[0] if isinstance(v, list) and len(v) == 1 else v for v in values)
    if reading.problem is Problem.REGRESSION:
        _fit(
            all(number(label) is not None for label in labels), "a regression needs numbers as labels", labels, reading
        )
        answers = _each(plain, lambda value: _value(value, reading.output.label))
        return Predictions(reading.problem, labels, answers, (), "", "a regression has no probabilities")
    naming = Labels.of(labels)
    truth = tuple(naming.name(label) or label for label in labels)
    positive = _positive(truth, naming, reading)
    reader = ClassAnswers(
        output=reading.output,
        naming=naming,
        positive=positive,
        negative=min({*truth} - {positive}, default=f"not {positive}"),
        threshold=reading.threshold,
        integers_are_labels=all(type(v) is int and naming.name(v) in truth for v in set(map(_hashable, plain))),
    )
    answers = _each(plain, reader.read)
    known = {name for answer in answers for name, _ in answer.probabilities or ()} | {a.label for a in answers}
    if len({*truth}) > 1 and not {answer.label for answer in answers} & {*truth}:
        raise ProviderError(
            f"no predicted label is a label of a test row: `{answers[0].label}` is none of {_listed(truth)}",
            hint="answer labels as the data writes them",
        )
    classes = tuple(sorted({*truth, *known, *((positive, reader.negative) if positive else ())}))
    without = next((row for row, answer in enumerate(answers, 1) if answer.probabilities is None), 0)
    lacks = f"the answers have no probabilities (row {without})" if without else ""
    return Predictions(reading.problem, truth, answers, classes, positive, lacks)


def _each(values: tuple[Json, ...], read: Callable[[Json], Answer | str]) -> tuple[Answer, ...]:
    """Return every answer; the first rows that have none are told together."""
    found = [read(value) for value in values]
    wrong = [f"row {row} {problem}" for row, problem in enumerate(found, 1) if isinstance(problem, str)]
    if wrong:
        more = f"\nand {len(wrong) - _SHOWN} rows more" if len(wrong) > _SHOWN else ""
        raise ProviderError(
            f"the serving code's answers cannot be judged: {wrong[0]}", detail="\n".join(wrong[:_SHOWN]) + more
        )
    return tuple(answer for answer in found if not isinstance(answer, str))


def _value(value: Json, key: str) -> Answer | str:
    found = number(value.get(key, value.get(SCORE)) if isinstance(value, dict) else value)
    return "is no finite number" if found is None or isinstance(value, str) else Answer(value=found)


def _positive(truth: tuple[str, ...], naming: Labels, reading: Reading) -> str:
    """Return the positive class; empty for more classes than two."""
    if reading.problem is not Problem.BINARY:
        return ""
    distinct = {*truth}
    _fit(len(distinct) <= 2, "a binary classification needs two labels", truth, reading)
    return (naming.name(reading.positive) if reading.positive else None) or max(distinct, default="1")


def _fit(fits: bool, summary: str, labels: tuple[str, ...], reading: Reading) -> None:
    if not fits:
        where, hint = Span(reading.where), "choose another `data.label`, or another `problem`"
        raise ManifestError((Diagnostic("unfit-labels", where, summary, f"labels: {_listed(labels)}", hint),))


def _listed(labels: tuple[str, ...]) -> str:
    distinct = sorted({*labels})
    return ", ".join(f"`{name}`" for name in distinct[:10]) + (" ..." if len(distinct) > 10 else "")


def _hashable(value: Json) -> Json:
    """Return a value that a set can hold, or null for one that cannot be in it (and is no integer)."""
    return None if isinstance(value, (list, dict)) else value
