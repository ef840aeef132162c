"""Figures as people read them."""

from __future__ import annotations

import pytest

from mlops_ci.judging.scores import Difference, Measurement
from mlops_ci.model import Goal
from mlops_ci.plan.leaderboard import Board, Entry, State
from mlops_ci.views.figures import bounded, interval, p_value, signed
from mlops_ci.views.slices import SHOWN, slice_tables


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0126, "+0.0126"), (-0.0126, "-0.0126"), (0.00001, "0.0000"), (-0.00001, "0.0000"), (1234.5, "+1234.5")],
)
def test_a_difference_has_its_sign_unless_it_rounds_to_nothing(value: float, shown: str) -> None:
    assert signed(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (1.0, "1.00"),
        (0.238, "0.24"),
        (0.0999, "0.1"),
        (0.0123, "0.012"),
        (0.0001, "0.0001"),
        (3e-9, "<0.0001"),
    ],
)
def test_a_p_value_has_the_digits_that_mean_something(value: float | None, shown: str) -> None:
    assert p_value(value) == shown


def test_an_interval_never_reads_as_below_zero_where_it_ends_at_it() -> None:
    assert interval(Difference("accuracy", -0.01, -0.02, -0.000001)) == "-0.0200 .. 0.0000"
    assert interval(None) == interval(Measurement("accuracy", 0.9, 5)) == ""
    assert bounded(Measurement("accuracy", 0.9, 50, low=0.8, high=0.95)) == "0.9000 (0.8000 .. 0.9500)"
    assert bounded(Measurement("accuracy", None, 5)) == "-"
    assert bounded(Difference("accuracy", 0.1)) == "+0.1000"


def entry(candidate: str, slices: dict[str, int]) -> Entry:
    made = (
        Measurement("accuracy", 0.9, 100),
        *(Measurement("accuracy", 0.5, n, "plan", of) for of, n in slices.items()),
    )
    return Entry(
        candidate=candidate, fingerprint="f", attempts=1, commit="c", state=State.EVALUATED, detail="", metrics=made,
        hyperparameters=(), package="p", evaluation="e", seconds=1.0, at="", p_value=None, difference=None, said="",
        is_champion=False, is_comparable=True,
    )  # fmt: skip


def test_of_a_slice_with_very_many_values_those_with_the_most_rows_are_shown_in_their_order() -> None:
    many = {f"v{at}": at + 1 for at in range(SHOWN + 3)}
    found = Board("m", "accuracy", Goal.MAXIMIZE, "", 0, "", (entry("a", many), entry("b", {"v8": 9, "v2": 3})), None)
    ((title, (header, *rows)),) = slice_tables(found)
    assert title == "`accuracy` by `plan` (3 smaller ones are in --json)"
    assert header == ("candidate", *(f"v{at}, {at + 1} rows" for at in range(3, SHOWN + 3)))
    assert rows == [("a", *["0.5000"] * SHOWN), ("b", *[""] * (SHOWN - 1), "0.5000")]
    assert [*slice_tables(Board("m", "accuracy", Goal.MAXIMIZE, "", 0, "", (entry("a", {}),), None))] == []
