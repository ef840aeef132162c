"""Verdicts: what was said of a model. A normal outcome, never an error."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Verdict(Enum):
    """From best to worst: it holds; it cannot be told; it could not be asked; it does not hold."""

    PASSED = "passed"
    INCONCLUSIVE = "inconclusive"
    ERRORED = "errored"
    FAILED = "failed"

    def __lt__(self, other: Verdict) -> bool:
        """Return whether this one is better than the other."""
        order = list(Verdict)
        return order.index(self) < order.index(other)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of these; nothing asked is passed."""
    return max(verdicts, default=Verdict.PASSED)
