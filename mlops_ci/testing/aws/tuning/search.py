"""Which point a tuning job tries next."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from mlops_ci.testing.aws.tuning.ranges import Point, drawn, grid, ranges_of


class Search:
    """The points of one definition. `config` is a `HyperParameterTuningJobConfig`.

    Grid tries them all in order. Every other strategy draws at random by the seed: nothing is learned of the trials
    before, which differs from AWS, where a search may end elsewhere.
    """

    def __init__(self, config: Mapping[str, Any], definition: Mapping[str, Any], seed: int) -> None:
        given = definition.get("HyperParameterRanges") or config.get("ParameterRanges") or {}
        self._ranges = ranges_of(given)
        self._grid = grid(self._ranges) if config["Strategy"] == "Grid" else None
        self._chance = random.Random(seed)  # noqa: S311 - to be drawn alike again
        self._drawn: list[Point] = []

    @property
    def size(self) -> int | None:
        """Return how many points there are, None for no end."""
        return None if self._grid is None else len(self._grid)

    def next(self) -> Point | None:
        """Return the next point, None where all were tried."""
        if self._grid is None:
            point = drawn(self._ranges, self._chance, frozenset(self._drawn))
        elif len(self._drawn) < len(self._grid):
            point = self._grid[len(self._drawn)]
        else:
            return None
        self._drawn.append(point)
        return point
