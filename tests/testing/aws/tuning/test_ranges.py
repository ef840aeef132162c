"""The space of a tuning job."""

from __future__ import annotations

import random

import pytest

from mlops_ci.testing.aws.tuning.ranges import Range, drawn, grid, ranges_of
from mlops_ci.testing.aws.tuning.search import Search

GIVEN = {
    "IntegerParameterRanges": [{"Name": "depth", "MinValue": "2", "MaxValue": "4", "ScalingType": "Linear"}],
    "ContinuousParameterRanges": [{"Name": "rate", "MinValue": "0.001", "MaxValue": "1", "ScalingType": "Logarithmic"}],
    "CategoricalParameterRanges": [{"Name": "kind", "Values": ["a", "b"]}],
}


def test_ranges_are_read_as_the_api_has_them() -> None:
    assert ranges_of(GIVEN) == (
        Range("depth", low=2.0, high=4.0, is_integer=True, scaling="Linear"),
        Range("rate", low=0.001, high=1.0, scaling="Logarithmic"),
        Range("kind", values=("a", "b")),
    )


def test_points_lie_within_their_ranges_and_reach_their_ends() -> None:
    chance = random.Random(1)  # noqa: S311
    points = [dict(drawn(ranges_of(GIVEN), chance, frozenset())) for _ in range(300)]
    assert {point["depth"] for point in points} == {"2", "3", "4"}
    assert {point["kind"] for point in points} == {"a", "b"}
    rates = sorted(float(point["rate"]) for point in points)
    assert 0.001 <= rates[0] < 0.002
    assert 0.5 < rates[-1] <= 1


@pytest.mark.parametrize(
    ("scaling", "least", "most"), [("Linear", 0.4, 0.6), ("Logarithmic", 0.0, 0.15), ("ReverseLogarithmic", 0.85, 1.0)]
)
def test_scaling_says_where_most_points_lie(scaling: str, least: float, most: float) -> None:
    one = Range("x", low=0.001, high=0.999, scaling=scaling)
    chance = random.Random(2)  # noqa: S311
    values = sorted(float(drawn((one,), chance, frozenset())[0][1]) for _ in range(501))
    assert least < values[250] < most


def test_a_point_is_not_drawn_twice_while_there_are_others() -> None:
    config = {
        "Strategy": "Random",
        "ParameterRanges": {"CategoricalParameterRanges": GIVEN["CategoricalParameterRanges"]},
    }
    search = Search(config, {}, 1)
    assert {search.next(), search.next()} == {(("kind", "a"),), (("kind", "b"),)}
    assert search.next() in {(("kind", "a"),), (("kind", "b"),)}


def test_the_seed_alone_decides() -> None:
    config = {"Strategy": "Bayesian", "ParameterRanges": GIVEN}
    first, again, other = (Search(config, {}, seed) for seed in (1, 1, 2))
    points = [[search.next() for _ in range(5)] for search in (first, again, other)]
    assert points[0] == points[1] != points[2]


def test_the_grid_is_every_point_and_then_none() -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "a", "Values": ["1", "2"]}, {"Name": "b", "Values": ["x", "y"]}]}
    assert len(grid(ranges_of(ranges))) == 4
    search = Search({"Strategy": "Grid"}, {"HyperParameterRanges": ranges}, 1)
    assert search.size == 4
    assert [dict(search.next() or ()) for _ in range(4)] == [
        {"a": "1", "b": "x"},
        {"a": "1", "b": "y"},
        {"a": "2", "b": "x"},
        {"a": "2", "b": "y"},
    ]
    assert search.next() is None
