"""How sure it is that two models differ, from their predictions of the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_ci.judging.intervals import ROWS, interval, rounded
from mlops_ci.judging.metrics import Columns, columns
from mlops_ci.judging.predictions import Predictions
from mlops_ci.judging.resampling import resampled, valued
from mlops_ci.judging.scores import Difference

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A model's predictions, with each metric's value and its value in every resample of the rows."""

    predictions: Predictions
    columns: Columns
    values: dict[str, float]
    drawn: dict[str, NDArray[np.float64]]

    @classmethod
    def of(cls, metrics: Sequence[str], predictions: Predictions) -> Sample:
        """Return a model's predictions, resampled once for all that it is compared with."""
        import numpy as np

        made = columns(predictions)
        rows = np.arange(len(made.truth))
        values = valued(metrics, made)
        (drawn,) = resampled(tuple(values), made, [rows])
        return cls(predictions, made, values, drawn)


def difference(metric: str, one: Sample, other: Sample) -> Difference | None:
    """Return how much the one's metric is above the other's; turned round where the two are.

    None where the rows or true labels are not the same, or the metric has no value for one of them, or is not ours. The
    interval is that of a paired bootstrap. The p-value is two-sided, of the two models being equally good: for accuracy
    McNemar's exact test over the rows that one gets right and the other wrong (McNemar 1947, doi:10.1007/BF02295996),
    else how rarely the bootstrap's differences cross zero (Efron & Tibshirani 1993, An Introduction to the Bootstrap,
    chapters 15 and 16), at least 2 / (resamples + 1).
    """
    mine, theirs = one.predictions, other.predictions
    if mine.truth != theirs.truth or mine.problem is not theirs.problem or not mine.truth:
        return None
    if metric not in one.values or metric not in other.values:
        return None
    apart = one.drawn[metric] - other.drawn[metric]
    bounds = interval(apart) if len(mine.truth) >= ROWS else None
    low, high = bounds or (None, None)
    p_value = _mcnemar_of(one, other) if metric == "accuracy" else _crossing(apart)
    return Difference(metric, rounded(one.values[metric] - other.values[metric]), low, high, p_value)


def mcnemar(only_one: int, only_other: int) -> float:
    """Return the exact two-sided p-value for rows that only one model, and only the other, gets right.

    Under equally good models each such row falls to either side with probability 1/2.
    """
    count, fewer = only_one + only_other, min(only_one, only_other)
    # Integers are exact, and each binomial coefficient follows from the one before; the ratio is a float again.
    term = tail = 1
    for at in range(fewer):
        term = term * (count - at) // (at + 1)
        tail += term
    return min(1.0, 2 * tail / (1 << count))


def _mcnemar_of(one: Sample, other: Sample) -> float:
    rights = [sample.columns.truth == sample.columns.found for sample in (one, other)]
    return mcnemar(int((rights[0] & ~rights[1]).sum()), int((rights[1] & ~rights[0]).sum()))


def _crossing(apart: NDArray[np.float64]) -> float | None:
    import numpy as np

    known = apart[np.isfinite(apart)]  # a draw without any row of a class says nothing
    if not len(known):
        return None
    fewer = min(int((known <= 0).sum()), int((known >= 0).sum()))
    return min(1.0, 2 * (fewer + 1) / (len(known) + 1))
