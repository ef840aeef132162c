"""Scores: every measurement of one evaluation, as a value and as plain JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_ci.model.effects import Json


@dataclass(frozen=True, slots=True)
class Measurement:
    """A metric over all test rows (`slice` empty) or over the rows where column `slice` holds `of`.

    `value` is None where the metric is undefined there; `reason` says why. `rows` is how many rows it is over. `low`
    and `high` bound its 95 % interval (`judging.intervals`); None where there is none, as in evaluations from before
    there were any.
    """

    metric: str
    value: float | None
    rows: int
    slice: str = ""
    of: str = ""
    reason: str = ""
    low: float | None = None
    high: float | None = None

    def to_json(self) -> Json:
        """Return plain JSON data, with bounds only where there are any: as it was written before there were."""
        found: dict[str, Json] = {
            "metric": self.metric, "value": self.value, "rows": self.rows, "slice": self.slice, "of": self.of,
            "reason": self.reason,
        }  # fmt: skip
        bounds: dict[str, Json] = {"low": self.low, "high": self.high}
        return found | {name: bound for name, bound in bounds.items() if bound is not None}


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one model's metric is above another's on the same rows, with its 95 % interval and p-value.

    All but the value may be None: there are too few rows, or the metric is undefined in too many resamples.
    """

    metric: str
    value: float
    low: float | None = None
    high: float | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """The measurements of an evaluation, the deciding metric first, slices after the whole."""

    metric: str
    rows: int
    measurements: tuple[Measurement, ...]

    def value(self, metric: str, slice_: str = "", of: str = "") -> float | None:
        """Return a metric's value, or None where it was not measured or is undefined."""
        found = self.measurement(metric, slice_, of)
        return None if found is None else found.value

    def measurement(self, metric: str, slice_: str = "", of: str = "") -> Measurement | None:
        """Return a measurement, or None where it was not made."""
        wanted = (metric, slice_, of)
        return next((m for m in self.measurements if (m.metric, m.slice, m.of) == wanted), None)

    def to_json(self) -> Json:
        """Return plain JSON data that `from_json` turns back into an equal value."""
        return {
            "metric": self.metric,
            "rows": self.rows,
            "measurements": [m.to_json() for m in self.measurements],
        }

    @classmethod
    def from_json(cls, data: Any) -> Scores:  # noqa: ANN401 - parsed JSON
        """Return the scores in plain JSON data.

        Raises:
            KeyError, TypeError: it is no such data.

        """
        made = tuple(Measurement(**measurement) for measurement in data["measurements"])
        return cls(metric=data["metric"], rows=data["rows"], measurements=made)
