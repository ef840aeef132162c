"""Measured figures for people: intervals, differences with their sign, p-values."""

from __future__ import annotations

from mlops_ci.judging.scores import Difference, Measurement
from mlops_ci.model import Json
from mlops_ci.views.terminal import number


def interval(found: Measurement | Difference | None) -> str:
    """Return `0.9505 .. 0.9766`, or nothing where there is no interval."""
    if found is None or found.low is None or found.high is None:
        return ""
    return f"{_unsigned_zero(found.low)} .. {_unsigned_zero(found.high)}"


def bounded(found: Measurement | Difference) -> str:
    """Return a value with its interval where it has one: `0.9622 (0.9505 .. 0.9766)`; a difference has its sign."""
    shown = signed(found.value) if isinstance(found, Difference) else number(found.value)
    return f"{shown} ({interval(found)})" if interval(found) else shown


def signed(value: float) -> str:
    """Return a number with its sign; one that rounds to nothing has none."""
    shown = _unsigned_zero(value)
    return shown if value < 0 or not float(shown) else f"+{shown}"


def p_value(value: float | None) -> str:
    """Return a p-value with as many digits as mean something, or nothing where there is none."""
    if value is None:
        return ""
    return "<0.0001" if value < 0.0001 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def difference_json(found: Difference) -> Json:
    """Return a difference as plain JSON data."""
    return {"value": found.value, "low": found.low, "high": found.high, "p_value": found.p_value}


def _unsigned_zero(value: float) -> str:
    shown = number(value)
    return shown if float(shown) else number(0.0)  # -0.0000 would read as below zero
