"""The user's own metrics, computed where the user's code may run."""

from __future__ import annotations

from typing import Protocol

from mlops_ci.model import Json
from mlops_ci.ports.jobs import Code, Image


class CustomMetrics(Protocol):
    """Runs `module:function` over the rows of an evaluation."""

    def compute(self, function: str, code: Code, image: Image, rows: tuple[Json, ...]) -> float:
        """Return the function's number for these rows.

        A row is an object with `label`, `prediction`, `probabilities` (or null) and the slice columns.

        Raises:
            ProviderError: the function failed, or returned no number.

        """
        ...
