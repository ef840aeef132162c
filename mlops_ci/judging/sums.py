"""The metrics that are functions of a few sums over the rows: which sums, and which functions.

A statistic has one line a summand (the classes have one each) and one column a row, its sums one column a resample.
Divisions by zero are left to the caller's `numpy.errstate`. The definitions are those of `metrics`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from mlops_ci.judging.metrics import Columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Sums: TypeAlias = Mapping[str, NDArray[np.float64]]
    Formula: TypeAlias = Callable[[Sums, int | None], NDArray[np.float64]]
    """A metric of each resample from its sums and the place of the positive class (None: there is none)."""


def _each(rows: Columns, codes: NDArray[Any]) -> NDArray[np.bool_]:
    """Return one line a class: which rows have it by these codes."""
    import numpy as np

    classes = np.arange(len(rows.predictions.classes))
    return np.asarray(codes == classes[:, None])


def _log_loss(rows: Columns) -> NDArray[np.float64]:
    import numpy as np

    shares = shares_of(rows)
    if rows.predictions.positive:
        chance = shares[:, rows.positive]
        told = np.where(rows.truth == rows.positive, chance, 1 - chance)
    else:
        told = shares[np.arange(len(rows.truth)), rows.truth]
    tiny = np.finfo(np.float64).eps  # as scikit-learn clips
    return np.asarray(-np.log(np.clip(told, tiny, 1 - tiny)))


def _brier(rows: Columns) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(((rows.truth == rows.positive) - shares_of(rows)[:, rows.positive]) ** 2)


def _relative(rows: Columns) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(abs(rows.truth - rows.found) / np.maximum(abs(rows.truth), np.finfo(np.float64).eps))


def _centred(rows: Columns) -> NDArray[np.float64]:
    """Return the labels less a number in their midst: r2 is the same, and nothing cancels."""
    import numpy as np

    return np.asarray(rows.truth - (np.median(rows.truth) if len(rows.truth) else 0.0))


def shares_of(rows: Columns) -> NDArray[np.float64]:
    """Return the probabilities, which are there."""
    if rows.shares is None:
        raise AssertionError("asked for without probabilities")
    return rows.shares


STATISTICS: Mapping[str, Callable[[Columns], Any]] = {
    "rows": lambda rows: [rows.truth == rows.truth],
    "right": lambda rows: [rows.truth == rows.found],
    "truth": lambda rows: _each(rows, rows.truth),
    "found": lambda rows: _each(rows, rows.found),
    "hits": lambda rows: _each(rows, rows.truth) & _each(rows, rows.found),
    "log_loss": lambda rows: [_log_loss(rows)],
    "brier": lambda rows: [_brier(rows)],
    "squared": lambda rows: [(rows.truth - rows.found) ** 2],
    "absolute": lambda rows: [abs(rows.truth - rows.found)],
    "relative": lambda rows: [_relative(rows)],
    "label": lambda rows: [_centred(rows)],
    "label_squared": lambda rows: [_centred(rows) ** 2],
}


def _mean(statistic: str) -> Formula:
    return lambda sums, _: sums[statistic][0] / sums["rows"][0]


def _balanced_accuracy(sums: Sums, _positive: int | None) -> NDArray[np.float64]:
    return _over_classes(sums["hits"], sums["truth"], sums["truth"] > 0)


def _precision(sums: Sums, positive: int | None) -> NDArray[np.float64]:
    return _of_classes(sums, positive, sums["hits"], sums["found"])


def _recall(sums: Sums, positive: int | None) -> NDArray[np.float64]:
    return _needing(sums, positive, _of_classes(sums, positive, sums["hits"], sums["truth"]))


def _f1(sums: Sums, positive: int | None) -> NDArray[np.float64]:
    return _needing(sums, positive, _of_classes(sums, positive, 2 * sums["hits"], sums["truth"] + sums["found"]))


def _of_classes(
    sums: Sums, positive: int | None, above: NDArray[np.float64], below: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a ratio of the positive class, 0 where nothing is below; else its mean over the classes that occur."""
    if positive is None:
        return _over_classes(above, below, sums["truth"] + sums["found"] > 0)
    return _over_classes(above[[positive]], below[[positive]], sums["rows"] > 0)


def _over_classes(
    above: NDArray[np.float64], below: NDArray[np.float64], occurs: NDArray[np.bool_]
) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray((above / np.maximum(below, 1) * occurs).sum(axis=0) / occurs.sum(axis=0))


def _needing(sums: Sums, positive: int | None, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values, NaN where no row of the resample is of the positive class (`metrics` says: undefined)."""
    import numpy as np

    return values if positive is None else np.where(sums["truth"][positive] > 0, values, np.nan)


def _rmse(sums: Sums, _positive: int | None) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(np.sqrt(sums["squared"][0] / sums["rows"][0]))


def _r2(sums: Sums, _positive: int | None) -> NDArray[np.float64]:
    """Return 1 - (squared errors) / (squared deviations); NaN for one row, or labels that are all the same."""
    import numpy as np

    rows, label = sums["rows"][0], sums["label"][0]
    spread = sums["label_squared"][0] - label * label / rows
    return np.where((rows > 1) & (spread > 0), 1 - sums["squared"][0] / spread, np.nan)


FORMULAS: Mapping[str, tuple[tuple[str, ...], Formula]] = {
    "accuracy": (("right",), _mean("right")),
    "balanced_accuracy": (("truth", "hits"), _balanced_accuracy),
    "precision": (("truth", "found", "hits"), _precision),
    "recall": (("truth", "found", "hits"), _recall),
    "f1": (("truth", "found", "hits"), _f1),
    "log_loss": (("log_loss",), _mean("log_loss")),
    "brier": (("brier",), _mean("brier")),
    "rmse": (("squared",), _rmse),
    "mae": (("absolute",), _mean("absolute")),
    "mape": (("relative",), _mean("relative")),
    "r2": (("squared", "label", "label_squared"), _r2),
}
"""Of each metric that is a function of sums: the statistics it wants, and the function."""
