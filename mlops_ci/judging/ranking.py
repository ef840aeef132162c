"""Metrics that go by the order of the scores, for many resamples of the same rows at once.

Divisions by zero are left to the caller's `numpy.errstate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The rows from the highest score to the lowest, sorted once: a resample only changes how often each row counts.

    Only runs of equal scores matter that hold a positive row (most runs are one row): `starts` and `ends` are the
    places of their first row, and after their last; `hits` is how many positive rows there are up to each end.
    """

    order: NDArray[np.intp]
    positives: NDArray[np.intp]
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    hits: NDArray[np.intp]

    @classmethod
    def of(cls, is_positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> Ranking:
        """Return the ranking of rows by their scores."""
        import numpy as np

        order = np.argsort(-scores, kind="stable")
        falling = -scores[order]
        positives = np.flatnonzero(is_positive[order])
        values = np.unique(falling[positives])
        hits = np.searchsorted(falling[positives], values, "right")
        starts, ends = (np.searchsorted(falling, values, side) for side in ("left", "right"))
        return cls(order, order[positives], starts, ends, hits)

    def counted(self, weights: NDArray[np.float64]) -> Counts:
        """Return what the weights (one line a row, one column a resample) say of each run."""
        import numpy as np

        above = _sums(weights[self.order])
        found = _sums(weights[self.positives])
        hits = found[self.hits]
        return Counts(np.diff(hits, axis=0, prepend=found[:1]), hits, above[self.starts], above[self.ends], above[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Of each run (line) in each resample (column): the positive rows in it, and up to its end; all rows before it, and
    up to its end. `rows` is all there are. Whole numbers, so that their sums are exact.
    """

    gains: NDArray[np.float64]
    hits: NDArray[np.float64]
    before: NDArray[np.float64]
    until: NDArray[np.float64]
    rows: NDArray[np.float64]

    def roc_auc(self) -> NDArray[np.float64]:
        """Return the area under the ROC curve of each resample; NaN without a positive or a negative row.

        It is the chance that a positive row has a higher score than a negative one, ties counting half (Hanley & McNeil
        1982, doi:10.1148/radiology.143.1.7063747).
        """
        import numpy as np

        positive = self.gains.sum(axis=0)
        negative = self.rows - positive
        # Twice the negative rows that a run's positives do not beat: those before it, and half of those in it.
        lost = (self.before + self.until) - (2 * self.hits - self.gains)
        return np.asarray(1 - (self.gains * lost).sum(axis=0) / (2 * positive * negative))

    def average_precision(self) -> NDArray[np.float64]:
        """Return the average precision of each resample; NaN without a positive row.

        The sum over the thresholds of the gain in recall times the precision there, as scikit-learn defines it.
        """
        import numpy as np

        precisions = self.hits / np.maximum(self.until, 1)
        return np.asarray((self.gains * precisions).sum(axis=0) / self.gains.sum(axis=0))


def _sums(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return running sums down the lines, with a line of zeros before them."""
    import numpy as np

    sums = np.zeros((len(weights) + 1, weights.shape[1]))
    np.cumsum(weights, axis=0, out=sums[1:])
    return sums
