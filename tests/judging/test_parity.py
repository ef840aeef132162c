"""Answers are the same, or it is said where they are not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.judging.parity import Difference, differences
from mlops_ci.model.effects import Json

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@given(st.lists(values))
def test_answers_are_equal_to_themselves(answers: list[Json]) -> None:
    assert differences(tuple(answers), tuple(answers)) == ()


@given(st.lists(values, max_size=4), st.lists(values, max_size=4))
def test_a_difference_is_one_from_both_sides(one: list[Json], other: list[Json]) -> None:
    there, back = differences(tuple(one), tuple(other)), differences(tuple(other), tuple(one))
    assert [(d.row, d.at) for d in there] == [(d.row, d.at) for d in back]


def test_numbers_may_lie_a_millionth_apart() -> None:
    assert differences((0.5, 1), (0.5 * (1 + 9e-7), 1.0)) == ()
    assert differences((0.5,), (0.5 * (1 + 2e-6),)) != ()
    assert differences((math.nan, 0.0), (math.nan, 1e-10)) == ()
    assert differences((math.nan,), (0.5,)) != ()


def test_what_differs_is_told_with_its_row_and_key() -> None:
    one: Json = {"label": "yes", "probabilities": {"yes": 0.9, "no": 0.1}}
    other: Json = {"label": "no", "probabilities": {"yes": 0.4, "no": 0.1}}
    found = differences((one, one), (one, other))
    assert found == (Difference(2, "label", "yes", "no"), Difference(2, "probabilities.yes", 0.9, 0.4))
    assert str(found[1]) == "row 2 at `probabilities.yes`: 0.9 and 0.4"


@pytest.mark.parametrize(
    ("one", "other"), [("1", 1), (True, 1), (None, 0), ("yes", "no"), ([1], [1, 2]), ({"a": 1}, {})]
)
def test_values_of_another_kind_differ(one: Json, other: Json) -> None:
    assert len(differences((one,), (other,))) == 1


def test_another_count_is_one_difference() -> None:
    (found,) = differences((1, 2), (1,))
    assert str(found) == "2 answers and 1"
