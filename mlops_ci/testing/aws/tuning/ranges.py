"""The space of a tuning job: its ranges, points drawn from them, and the grid."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TRIES = 100
"""How often a point that was drawn before is drawn again, in a space that may have no other."""


@dataclass(frozen=True, slots=True)
class Range:
    """One hyperparameter: `values` of a categorical one, else bounds, both inside, and how it is scaled."""

    name: str
    values: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    is_integer: bool = False
    scaling: str = "Linear"


Point = tuple[tuple[str, str], ...]
"""Names and texts of hyperparameters, as a training job gets them."""


def ranges_of(given: Mapping[str, Any]) -> tuple[Range, ...]:
    """Return the ranges of a `ParameterRanges`, in the order of the API."""
    found = [
        Range(
            name=one["Name"],
            low=float(one["MinValue"]),
            high=float(one["MaxValue"]),
            is_integer=kind == "Integer",
            scaling=one.get("ScalingType") or "Auto",
        )
        for kind in ("Integer", "Continuous")
        for one in given.get(f"{kind}ParameterRanges") or ()
    ]
    categorical = given.get("CategoricalParameterRanges") or ()
    return (*found, *(Range(one["Name"], values=tuple(one["Values"])) for one in categorical))


def drawn(ranges: tuple[Range, ...], chance: random.Random, before: frozenset[Point]) -> Point:
    """Return a point at random, one that was not there before where that can be had."""
    point: Point = ()
    for _ in range(_TRIES):
        point = tuple((one.name, _value(one, chance)) for one in ranges)
        if point not in before:
            break
    return point


def grid(ranges: tuple[Range, ...]) -> tuple[Point, ...]:
    """Return every point of categorical ranges, the last range changing fastest."""
    axes = [[(one.name, value) for value in one.values] for one in ranges]
    return tuple(itertools.product(*axes))


def _value(one: Range, chance: random.Random) -> str:
    if one.values:
        return chance.choice(one.values)
    share = chance.random()
    match one.scaling:
        case "Logarithmic":
            value = math.exp(_between(math.log(one.low), math.log(one.high), share))
        case "ReverseLogarithmic":
            value = 1 - math.exp(_between(math.log(1 - one.low), math.log(1 - one.high), share))
        case _:
            value = _between(one.low, one.high, share)
    value = min(max(value, one.low), one.high)
    return str(round(value)) if one.is_integer else repr(value)


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share
