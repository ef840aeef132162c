"""What the endpoint must get right before a version goes on: run on staging, through HTTP, with real answers.

`endpoint` comes from mlops-ci's pytest plugin: `endpoint.invoke(rows)` answers with `.status`, `.json()`, `.version`.
"""

from __future__ import annotations

from typing import Protocol

import pytest

COLUMNS = ("carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z")
# A carat of middling quality, of the size that a carat has.
TYPICAL = (1.0, "Very Good", "G", "VS2", 61.8, 57.0, 6.4, 6.4, 3.95)


class Answer(Protocol):
    """What the endpoint says to a request."""

    status: int

    def json(self) -> list[float]: ...


class Endpoint(Protocol):
    """The endpoint of the environment that is tested."""

    def invoke(self, rows: list[list[object]]) -> Answer: ...


def diamond(**changes: object) -> list[object]:
    """Return a typical diamond's row, with these cells changed."""
    return [changes.get(name, cell) for name, cell in zip(COLUMNS, TYPICAL, strict=True)]


def price(endpoint: Endpoint, row: list[object]) -> float:
    """Return what the endpoint says this diamond costs."""
    answer = endpoint.invoke([row])
    assert answer.status == 200
    return float(answer.json()[0])


def test_a_typical_carat_costs_some_thousand_dollars(endpoint: Endpoint) -> None:
    assert 4000 < price(endpoint, diamond()) < 8000


def test_a_larger_diamond_costs_more(endpoint: Endpoint) -> None:
    half = diamond(carat=0.5, x=5.1, y=5.1, z=3.15)
    assert price(endpoint, half) < price(endpoint, diamond()) / 2


@pytest.mark.parametrize(("grade", "worse", "better"), [("clarity", "SI2", "VVS1"), ("color", "J", "D")])
def test_a_better_grade_costs_more(endpoint: Endpoint, grade: str, worse: str, better: str) -> None:
    assert price(endpoint, diamond(**{grade: worse})) < price(endpoint, diamond(**{grade: better}))


def test_ten_diamonds_get_ten_prices_in_their_order(endpoint: Endpoint) -> None:
    rows = [diamond(depth=58.0 + at) for at in range(10)]
    together = endpoint.invoke(rows).json()
    assert together == pytest.approx([price(endpoint, row) for row in rows])


def test_a_size_that_nobody_measured_is_answered(endpoint: Endpoint) -> None:
    assert price(endpoint, diamond(z=0)) == pytest.approx(price(endpoint, diamond(z="")))
