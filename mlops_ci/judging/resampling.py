"""The metrics of `METRICS` over every resample of the test rows, all resamples at once.

A resample is how often each row counts, so a metric is a function of a few weighted sums: one matrix product gives the
sums of all resamples. The summands are scaled to whole numbers that leave every partial sum below 2**53, so the product
is exact whatever the order of summing, and the result the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_ci.judging.draws import draws, resamples
from mlops_ci.judging.metrics import Columns
from mlops_ci.judging.ranking import Ranking
from mlops_ci.judging.sums import FORMULAS, STATISTICS, shares_of
from mlops_ci.model import METRICS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_EXACT = 53
"""Bits of a whole number that a double holds."""
_SMALL = 1 << 18
"""Multiplications of a product that OpenBLAS does in one thread."""


def resampled(
    names: Sequence[str], data: Columns, subsets: Sequence[NDArray[np.intp]]
) -> tuple[dict[str, NDArray[np.float64]], ...]:
    """Return, for each subset (places of rows), the value of each metric in every resample of the test rows.

    A subset takes the rows of it that a resample holds. A value is NaN where the metric is undefined in that resample;
    the definition is that of `metrics.compute`. Metrics are left out that do not fit the problem, that want
    probabilities where there are none, or that are not ours. Two models on the same rows are resampled alike, so the
    values of one may be subtracted from those of the other.
    """
    import numpy as np

    rows = len(data.truth)
    fit = tuple(name for name in dict.fromkeys(names) if _fits(name, data))
    found = [{name: np.full(resamples(rows), np.nan) for name in fit} for _ in subsets]
    with np.errstate(all="ignore"):  # what is undefined, or too large for a double, is NaN or infinite
        made = [_Subset.of(fit, data, places) for places in subsets]
        at = 0
        for weights in draws(rows) if fit else ():
            until = at + weights.shape[1]
            for subset, values in zip(made, found, strict=True):
                for name, value in subset.values(weights).items():
                    values[name][at:until] = value
            at = until
    return tuple(found)


def valued(names: Sequence[str], data: Columns) -> dict[str, float]:
    """Return each metric over all rows as they are, by the formulas of the resamples: to nine digits that of `compute`.

    Those that have no finite value are left out. Nothing heavy but numpy is imported, unlike by `compute`.
    """
    import numpy as np

    rows = len(data.truth)
    fit = tuple(name for name in dict.fromkeys(names) if _fits(name, data))
    if not fit:
        return {}
    with np.errstate(all="ignore"):
        found = _Subset.of(fit, data, np.arange(rows)).values(np.ones((rows, 1)))
    return {name: float(found[name][0]) for name in fit if np.isfinite(found[name][0])}


def _fits(name: str, data: Columns) -> bool:
    known = METRICS.get(name)
    return (
        known is not None
        and data.predictions.problem in known.problems
        and (data.shares is not None or not known.needs_probabilities)
        and len(data.truth) > 0
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Subset:
    """Some rows, with all that does not change from resample to resample.

    `matrix` has the statistics of `parts` (name, first line, line after the last) as scaled whole numbers.
    """

    names: tuple[str, ...]
    places: NDArray[np.intp]
    is_whole: bool
    matrix: NDArray[np.float64]
    scales: NDArray[np.float64]
    parts: tuple[tuple[str, int, int], ...]
    rankings: tuple[Ranking, ...]
    positive: int | None

    @classmethod
    def of(cls, names: tuple[str, ...], data: Columns, places: NDArray[np.intp]) -> _Subset:
        import numpy as np

        shares = None if data.shares is None else data.shares[places]
        rows = Columns(data.predictions, data.truth[places], data.found[places], shares)
        wanted = ("rows", *dict.fromkeys(part for name in names for part in FORMULAS.get(name, ((), None))[0]))
        lines: list[NDArray[np.float64]] = []
        parts: list[tuple[str, int, int]] = []
        for name in wanted:
            first = len(lines)
            lines += [line.astype(np.float64) for line in STATISTICS[name](rows)]
            parts.append((name, first, len(lines)))
        matrix = np.stack(lines)
        # frexp: the largest lies below 2**exponent; the counts of a resample sum to all rows, below 2**bit_length.
        exponents = np.frexp(np.abs(matrix).max(axis=1, initial=0.0))[1]
        scales = np.ldexp(1.0, np.minimum(_EXACT - exponents - len(data.truth).bit_length(), 1000))
        is_ranked = any(name in {"roc_auc", "average_precision"} for name in names)
        return cls(
            names, places, len(places) == len(data.truth), np.rint(matrix * scales[:, None]), scales, tuple(parts),
            tuple(_rankings(rows)) if is_ranked else (), data.positive if data.predictions.positive else None,
        )  # fmt: skip

    def values(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Return each metric's value in each of these resamples (one column each)."""
        mine = weights if self.is_whole else weights[self.places]
        summed = _product(self.matrix, mine) / self.scales[:, None]
        sums = {name: summed[first:last] for name, first, last in self.parts}
        out: dict[str, NDArray[np.float64]] = {}
        for name in self.names:
            if name in FORMULAS:
                out[name] = FORMULAS[name][1](sums, self.positive)
        if self.rankings:
            out |= self._ranked(mine)
        return out

    def _ranked(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Return the metrics that go by order, several classes as the mean of one against the rest."""
        totals: dict[str, NDArray[np.float64]] = {}
        for ranking in self.rankings:
            counts = ranking.counted(weights)
            for name, formula in (("roc_auc", counts.roc_auc), ("average_precision", counts.average_precision)):
                if name in self.names:
                    totals[name] = totals.get(name, 0.0) + formula()
        return {name: total / len(self.rankings) for name, total in totals.items()}


def _product(matrix: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix product, piece by piece: small ones are done by one thread, and leave the cores to the jobs."""
    import numpy as np

    out = np.zeros((len(matrix), weights.shape[1]))
    step = max(1, _SMALL // out.size)
    for first in range(0, len(weights), step):
        out += matrix[:, first : first + step] @ weights[first : first + step]
    return out


def _rankings(rows: Columns) -> list[Ranking]:
    shares = shares_of(rows)
    classes = [rows.positive] if rows.predictions.positive else range(shares.shape[1])
    return [Ranking.of(rows.truth == at, shares[:, at]) for at in classes]
