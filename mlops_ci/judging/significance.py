"""How sure it is that two models differ, from their predictions of the same rows."""

from __future__ import annotations

from mlops_ci.judging.metrics import Undefined, columns, compute
from mlops_ci.judging.predictions import Predictions
from mlops_ci.model import METRICS

RESAMPLES = 400
"""Draws of the bootstrap: the smallest p-value it can give is 2 / (RESAMPLES + 1), about 0.005."""


def p_value(metric: str, one: Predictions, other: Predictions, *, seed: str) -> float | None:
    """Return the two-sided p-value of the two models being equally good by this metric; symmetric in both.

    Accuracy: McNemar's exact test over the rows that one gets right and the other wrong (McNemar 1947, doi:10.1007/
    BF02295996). Any other metric of ours: a paired bootstrap over the rows (Efron & Tibshirani 1993, chapter 16), whose
    draws follow from `seed` alone, hexadecimal digits. None where the rows or true labels are not the same, or the
    metric has no value for one of them, or is not ours.
    """
    if one.truth != other.truth or one.problem is not other.problem or metric not in METRICS or not one.truth:
        return None
    if metric == "accuracy":
        rights = [
            (a.label == label, b.label == label)
            for label, a, b in zip(one.truth, one.answers, other.answers, strict=True)
        ]
        return mcnemar(sum(a and not b for a, b in rights), sum(b and not a for a, b in rights))
    return _bootstrap(metric, one, other, seed)


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


def _bootstrap(metric: str, one: Predictions, other: Predictions, seed: str) -> float | None:
    import numpy as np

    ours, theirs = columns(one), columns(other)
    if isinstance(compute(metric, ours), Undefined) or isinstance(compute(metric, theirs), Undefined):
        return None
    random = np.random.default_rng(int(seed, 16))
    count = len(one.truth)
    below = above = drawn = 0
    for _ in range(RESAMPLES):
        rows = random.integers(0, count, count)
        a, b = compute(metric, ours, rows), compute(metric, theirs, rows)
        if isinstance(a, Undefined) or isinstance(b, Undefined):
            continue  # a draw without any row of a class says nothing
        drawn += 1
        below += a <= b
        above += a >= b
    return min(1.0, 2 * (min(below, above) + 1) / (drawn + 1)) if drawn else None
