"""The metrics a manifest may name: scikit-learn's names and definitions, as a table without code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Problem(Enum):
    """What the model predicts."""

    BINARY = "binary_classification"
    MULTICLASS = "multiclass_classification"
    REGRESSION = "regression"


class Goal(Enum):
    """Which direction is better."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name, range (inclusive, None where unbounded), direction, and what it needs to be computed."""

    name: str
    goal: Goal
    problems: frozenset[Problem]
    low: float | None
    high: float | None
    needs_probabilities: bool = False


_CLASSES = frozenset({Problem.BINARY, Problem.MULTICLASS})
_BINARY = frozenset({Problem.BINARY})
_NUMBER = frozenset({Problem.REGRESSION})

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", Goal.MAXIMIZE, _CLASSES, 0, 1),
        Metric("balanced_accuracy", Goal.MAXIMIZE, _CLASSES, 0, 1),
        Metric("precision", Goal.MAXIMIZE, _CLASSES, 0, 1),
        Metric("recall", Goal.MAXIMIZE, _CLASSES, 0, 1),
        Metric("f1", Goal.MAXIMIZE, _CLASSES, 0, 1),
        Metric("roc_auc", Goal.MAXIMIZE, _CLASSES, 0, 1, needs_probabilities=True),
        Metric("average_precision", Goal.MAXIMIZE, _CLASSES, 0, 1, needs_probabilities=True),
        Metric("log_loss", Goal.MINIMIZE, _CLASSES, 0, None, needs_probabilities=True),
        Metric("brier", Goal.MINIMIZE, _BINARY, 0, 1, needs_probabilities=True),
        Metric("rmse", Goal.MINIMIZE, _NUMBER, 0, None),
        Metric("mae", Goal.MINIMIZE, _NUMBER, 0, None),
        Metric("mape", Goal.MINIMIZE, _NUMBER, 0, None),
        Metric("r2", Goal.MAXIMIZE, _NUMBER, None, 1),
    )
}
