"""Parity: whether two ways of asking the same model give the same answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.model.effects import Json

RELATIVE = 1e-6
"""How far numbers may lie apart: float32 arithmetic in another order, and no more."""

ABSOLUTE = 1e-9


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two answers differ: 1-based row, the key in the answer (empty: the whole of it), and both values as JSON.

    Row 0 with key `count` means that there is another count of answers.
    """

    row: int
    at: str
    one: Json
    other: Json

    def __str__(self) -> str:
        place = f" at `{self.at}`" if self.at else ""
        return (
            f"row {self.row}{place}: {self.one!r} and {self.other!r}"
            if self.row
            else (f"{self.one} answers and {self.other}")
        )


def differences(one: tuple[Json, ...], other: tuple[Json, ...]) -> tuple[Difference, ...]:
    """Return where the answers of the same rows differ, in the order of rows; equal ones give none.

    Numbers are equal within 1e-6 of the larger (and 1e-9); NaN is equal to NaN; all else must be equal, a missing key
    counts as null.
    """
    if len(one) != len(other):
        return (Difference(0, "count", len(one), len(other)),)
    return tuple(
        Difference(row, at, a, b)
        for row, pair in enumerate(zip(one, other, strict=True), 1)
        for at, a, b in _leaves("", *pair)
    )


def _leaves(at: str, one: Json, other: Json) -> Iterator[tuple[str, Json, Json]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from _leaves(f"{at}.{key}" if at else key, one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from _leaves(f"{at}[{place}]", a, b)
    elif not _equal(one, other):
        yield at, one, other


def _equal(one: Json, other: Json) -> bool:
    if _is_number(one) and _is_number(other) and isinstance(one, (int, float)) and isinstance(other, (int, float)):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(one) is type(other) and one == other


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
