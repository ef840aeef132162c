"""Metrics from predictions, by scikit-learn's definitions and names.

Several classes: precision, recall, f1, roc_auc (one against the rest) and average_precision are means over the classes
(`macro`). Where the true labels leave a metric undefined (a slice of one class has no roc_auc) there is no value but a
reason; where only the predictions do (nothing predicted positive has no precision) it is 0, as scikit-learn has it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_ci.judging.predictions import Predictions
from mlops_ci.model import METRICS, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Undefined:
    """Why a metric has no value."""

    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Predictions as arrays, made once for all subsets of the rows.

    For classes `truth` and `found` are places in `classes`, and `shares` has one column a class, its rows summing to 1;
    for regression they are numbers.
    """

    predictions: Predictions
    truth: NDArray[Any]
    found: NDArray[Any]
    shares: NDArray[np.float64] | None

    @property
    def positive(self) -> int:
        """Return the place of the positive class."""
        return self.predictions.classes.index(self.predictions.positive)


def columns(predictions: Predictions) -> Columns:
    """Return the predictions as arrays."""
    import numpy as np

    answers, classes = predictions.answers, predictions.classes
    if predictions.problem is Problem.REGRESSION:
        truth = np.array([float(label) for label in predictions.truth])
        return Columns(predictions, truth, np.array([answer.value for answer in answers]), None)
    at = {name: place for place, name in enumerate(classes)}
    shares = None
    if not predictions.lacks:
        shares = np.zeros((len(answers), len(classes)))
        for row, answer in enumerate(answers):
            for name, share in answer.probabilities or ():
                shares[row, at[name]] = share
        if not predictions.positive:
            shares /= shares.sum(axis=1, keepdims=True)
    truth = np.array([at[label] for label in predictions.truth], dtype=np.intp)
    return Columns(predictions, truth, np.array([at[a.label] for a in answers], dtype=np.intp), shares)


def compute(metric: str, data: Columns, rows: Sequence[int] | NDArray[np.intp] | None = None) -> float | Undefined:
    """Return a metric of `METRICS` over these rows (places, repetitions allowed; None: all), or why it has no value.

    Raises:
        KeyError: there is no such metric.

    """
    import warnings

    import numpy as np

    known = METRICS[metric]
    if data.predictions.problem not in known.problems:
        return Undefined(f"`{metric}` is no metric of {data.predictions.problem.value}")
    if known.needs_probabilities and data.shares is None:
        return Undefined(data.predictions.lacks)
    picked = np.arange(len(data.truth)) if rows is None else np.asarray(rows, dtype=np.intp)
    if not len(picked):
        return Undefined("there is no row")
    subset = Columns(
        data.predictions, data.truth[picked], data.found[picked], None if data.shares is None else data.shares[picked]
    )
    with warnings.catch_warnings():
        # What scikit-learn warns of is told as a reason, or is its documented value.
        warnings.simplefilter("ignore")
        found = _FORMULAS[metric](subset)
    if isinstance(found, Undefined):
        return found
    return float(found) if math.isfinite(found) else Undefined("it is not finite over these rows")


def _accuracy(data: Columns) -> float:
    return float((data.truth == data.found).mean())


def _counts(data: Columns) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return by class how many rows are right, how many are of it, and how many are said to be."""
    import numpy as np

    truth, found, classes = data.truth, data.found, len(data.predictions.classes)
    right = np.bincount(truth[truth == found], minlength=classes)
    return right, np.bincount(truth, minlength=classes), np.bincount(found, minlength=classes)


def _balanced_accuracy(data: Columns) -> float:
    right, truth, _ = _counts(data)
    return float((right[truth > 0] / truth[truth > 0]).mean())


# For 80 rows 24 us where scikit-learn's own functions take 5.8 ms: a thousand small evaluations wait for them.
_RATIOS: dict[str, Callable[[Any, Any, Any], tuple[Any, Any]]] = {
    "precision": lambda right, _, found: (right, found),
    "recall": lambda right, truth, _: (right, truth),
    "f1": lambda right, truth, found: (2 * right, truth + found),
}
"""What is divided by what, from right rows, rows of a class, and rows that are said to be of it."""


def _classwise(name: str, *, needs_positive: bool) -> Callable[[Columns], float | Undefined]:
    def score(data: Columns) -> float | Undefined:
        import numpy as np

        right, truth, found = _counts(data)
        above, below = _RATIOS[name](right, truth, found)
        shares = above / np.maximum(below, 1)  # nothing by nothing is 0
        if not data.predictions.positive:
            return float(shares[truth + found > 0].mean())
        if needs_positive and not truth[data.positive]:
            return _no_row(data.predictions.positive)
        return float(shares[data.positive])

    return score


def _ranked(name: str, *, needs_negative: bool) -> Callable[[Columns], float | Undefined]:
    def score(data: Columns) -> float | Undefined:
        import numpy as np
        import sklearn.metrics

        formula = getattr(sklearn.metrics, name)
        shares, classes = _shares(data), data.predictions.classes
        present = set(data.truth.tolist())
        if not data.predictions.positive:
            missing = [label for place, label in enumerate(classes) if place not in present]
            if missing:
                return _no_row(missing[0])
            return float(formula(data.truth[:, None] == np.arange(len(classes)), shares, average="macro"))
        if data.positive not in present:
            return _no_row(data.predictions.positive)
        if needs_negative and len(present) == 1:
            return Undefined(f"every row is `{data.predictions.positive}`")
        return float(formula(data.truth == data.positive, shares[:, data.positive]))

    return score


def _log_loss(data: Columns) -> float | Undefined:
    import numpy as np
    from sklearn.metrics import log_loss

    shares = _shares(data)
    if data.predictions.positive:
        chance = shares[:, data.positive]
        return float(
            log_loss(data.truth == data.positive, np.stack([1 - chance, chance], axis=1), labels=[False, True])
        )
    if shares.shape[1] < 2:
        return Undefined("there is one class only")
    return float(log_loss(data.truth, shares, labels=range(shares.shape[1])))


def _brier(data: Columns) -> float:
    chance = _shares(data)[:, data.positive]
    return float((((data.truth == data.positive) - chance) ** 2).mean())


def _rmse(data: Columns) -> float:
    return math.sqrt(float(((data.truth - data.found) ** 2).mean()))


def _mae(data: Columns) -> float:
    return float(abs(data.truth - data.found).mean())


def _mape(data: Columns) -> float:
    from sklearn.metrics import mean_absolute_percentage_error

    return float(mean_absolute_percentage_error(data.truth, data.found))


def _r2(data: Columns) -> float | Undefined:
    from sklearn.metrics import r2_score

    return Undefined("one row has no variance") if len(data.truth) < 2 else float(r2_score(data.truth, data.found))


def _shares(data: Columns) -> NDArray[np.float64]:
    if data.shares is None:
        raise AssertionError("asked for without probabilities")
    return data.shares


def _no_row(label: str) -> Undefined:
    return Undefined(f"no row is `{label}`")


_FORMULAS: dict[str, Callable[[Columns], float | Undefined]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "precision": _classwise("precision", needs_positive=False),
    "recall": _classwise("recall", needs_positive=True),
    "f1": _classwise("f1", needs_positive=True),
    "roc_auc": _ranked("roc_auc_score", needs_negative=True),
    "average_precision": _ranked("average_precision_score", needs_negative=False),
    "log_loss": _log_loss,
    "brier": _brier,
    "rmse": _rmse,
    "mae": _mae,
    "mape": _mape,
    "r2": _r2,
}
