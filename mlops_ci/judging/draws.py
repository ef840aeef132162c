"""Draws of the bootstrap: how often each test row is in each resample, the same on every machine.

The draws follow from the number of rows alone. So all models that are judged on the same rows are resampled alike,
which is what makes their differences paired, and nobody can look for a lucky seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SEED = 20_120_229
_MOST, _LEAST = 2_000, 400
_WORK = 10_000_000
"""Rows times resamples: up to 5,000 rows there are 2,000 resamples, at 10,000 rows 1,000, from 25,000 rows on 400."""
_AT_ONCE = 250_000
"""Rows times resamples in memory at a time, eight bytes each; no result depends on it."""
_KEPT = 1_000_000
"""Rows times resamples that are kept, for the next candidate on as many rows."""


def resamples(rows: int) -> int:
    """Return how many resamples are drawn of so many rows."""
    return max(_LEAST, min(_MOST, _WORK // max(rows, 1)))


def draws(rows: int) -> Iterable[NDArray[np.float64]]:
    """Return all resamples of so many rows, some at a time: one line a row, one column (summing to `rows`) a resample.

    Rows are drawn with replacement (Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 6). Only the raw
    stream of numpy's PCG64 is used, which numpy promises never to change (NEP 19). A row is the high half of 32 random
    bits times `rows` (Lemire 2019, doi:10.1145/3230636, without its rejection: no row's chance is off by more than one
    in 2**32 / rows).
    """
    return _kept(rows) if rows * resamples(rows) <= _KEPT else _drawn(rows)


@lru_cache(maxsize=1)
def _kept(rows: int) -> tuple[NDArray[np.float64], ...]:
    return tuple(_drawn(rows))


def _drawn(rows: int) -> Iterator[NDArray[np.float64]]:
    import numpy as np

    bits = np.random.PCG64([_SEED, rows])
    words = (rows + 1) // 2
    count = resamples(rows)
    some = max(4, min(count, _AT_ONCE // max(rows, 1)))
    for first in range(0, count, some):
        width = min(some, count - first)
        raw = bits.random_raw(width * words).reshape(width, words)
        halves = np.concatenate([raw & np.uint64(0xFFFFFFFF), raw >> np.uint64(32)], axis=1)[:, :rows]
        picked = (halves * np.uint64(rows) >> np.uint64(32)).astype(np.int64)
        picked += np.arange(width)[:, None] * rows
        counts = np.bincount(picked.ravel(), minlength=width * rows).reshape(width, rows)
        weights = np.ascontiguousarray(counts.T, dtype=np.float64)
        weights.setflags(write=False)
        yield weights
