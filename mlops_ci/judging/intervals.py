"""How far a measurement may be from what other rows of the same kind would have given: 95 % intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlops_ci.judging.evaluate import Slices, subsets
from mlops_ci.judging.metrics import columns
from mlops_ci.judging.predictions import Predictions
from mlops_ci.judging.resampling import resampled
from mlops_ci.judging.scores import Measurement, Scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONFIDENCE = 0.95
ROWS = 10
"""Of fewer rows there is no interval: so few say next to nothing about how far they vary."""
DIGITS = 9
"""Bounds are rounded, so that the last bits of a machine's logarithm do not show."""


def with_intervals(scores: Scores, predictions: Predictions, slices: Slices) -> Scores:
    """Return the scores with the interval of every measurement that was made of these predictions, where it has one.

    A metric of the user's own has none: it would have to run once a resample.
    """
    import numpy as np

    places = {(column, of): found for column, of, found in subsets(len(predictions.truth), slices)}
    names = tuple(dict.fromkeys(m.metric for m in scores.measurements if m.value is not None))
    wanted = tuple(places)
    values = resampled(names, columns(predictions), [np.array(places[which], dtype=np.intp) for which in wanted])
    by_subset = dict(zip(wanted, values, strict=True))

    def bounded(made: Measurement) -> Measurement:
        drawn = by_subset.get((made.slice, made.of), {}).get(made.metric)
        found = None if drawn is None or made.value is None or made.rows < ROWS else interval(drawn)
        return made if found is None else replace(made, low=found[0], high=found[1])

    return replace(scores, measurements=tuple(map(bounded, scores.measurements)))


def interval(drawn: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the percentile interval of a value in each resample (NaN: it has none there), rounded to nine digits.

    It holds the middle 95 % of them (Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13). None where
    the value is undefined in more than half of the resamples.
    """
    import numpy as np

    known = drawn[np.isfinite(drawn)]
    if 2 * len(known) < len(drawn) or not len(known):
        return None
    low, high = np.quantile(known, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return rounded(float(low)), rounded(float(high))


def rounded(value: float) -> float:
    """Return a number with nine significant digits."""
    return float(f"{value:.{DIGITS}g}")
