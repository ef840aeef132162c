"""What the endpoint must get right before a version goes on: run on staging, through HTTP, with real answers.

`endpoint` comes from mlops-ci's pytest plugin: `endpoint.invoke(rows)` answers with `.status`, `.json()`, `.version`.
"""

from __future__ import annotations

from typing import Any, Protocol

import pytest

INK = {".": 0, "-": 5, "o": 10, "#": 16}
ZERO = """\
..-##-..
..#oo#-.
.-#..o#.
.-#..-#.
.-#..-#.
.-#..o#.
..#oo#-.
..-##-.."""
ONE = """\
...-#o..
...o##..
..o###..
...-##..
...-##..
...-##..
...-##..
...-#o.."""
SEVEN = """\
..o####.
..o--o#.
.....#o.
...-o#-.
..o####-
..-#o-..
..-#....
..o#...."""


class Answer(Protocol):
    """What the endpoint says to a request."""

    status: int

    def json(self) -> list[dict[str, Any]]: ...


class Endpoint(Protocol):
    """The endpoint of the environment that is tested."""

    def invoke(self, rows: list[list[object]]) -> Answer: ...


def pixels(drawn: str) -> list[object]:
    """Return the row of a digit that is drawn in eight lines of eight characters."""
    return [INK[char] for line in drawn.split("\n") for char in line]


@pytest.mark.parametrize(("drawn", "digit"), [(ZERO, "0"), (ONE, "1"), (SEVEN, "7")])
def test_a_clear_digit_is_read(endpoint: Endpoint, drawn: str, digit: str) -> None:
    answer = endpoint.invoke([pixels(drawn)])
    assert answer.status == 200
    assert answer.json()[0]["label"] == digit


def test_every_class_has_a_probability_and_they_sum_to_one(endpoint: Endpoint) -> None:
    for answer in endpoint.invoke([pixels(ZERO), [0] * 64]).json():
        assert sorted(answer["probabilities"]) == [*"0123456789"]
        assert sum(answer["probabilities"].values()) == pytest.approx(1)


def test_digits_are_answered_in_their_order(endpoint: Endpoint) -> None:
    rows = [pixels(drawn) for drawn in (SEVEN, ZERO, ONE, ZERO)]
    assert [answer["label"] for answer in endpoint.invoke(rows).json()] == ["7", "0", "1", "0"]


def test_a_digit_written_with_less_ink_is_the_same_digit(endpoint: Endpoint) -> None:
    faint = [int(str(pixel)) * 3 // 4 for pixel in pixels(ONE)]
    assert endpoint.invoke([[*faint]]).json()[0]["label"] == "1"
