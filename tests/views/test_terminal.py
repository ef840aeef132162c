"""Words for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.views.terminal import Ink, Tone, cells, clean, columns, counted, duration, folded, moment, number


@given(st.text(alphabet=st.characters(), max_size=20))
def test_no_text_can_steer_the_terminal(value: str) -> None:
    shown = clean(value)
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in shown)
    assert not set("\u2028\u2029\u202a\u202e\u2066\u2069") & set(shown)
    shown.encode("utf-8")


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), max_size=20))
def test_printable_text_stays_as_it_is(value: str) -> None:
    assert clean(value) == value


def test_lone_surrogates_and_controls_are_spelled_out_and_tabs_are_spaces() -> None:
    assert clean("a\tb\r\n\x1b[31m\udce9") == "a    b\\r\\n\\x1b[31m\\udce9"


def test_columns_are_aligned_by_what_a_terminal_shows() -> None:
    rows = [("name", "value"), ("日本", "1"), ("e\u0301t\u00e9", "12345678")]
    assert columns(rows, right=frozenset({1}), indent="  ") == [
        "  name     value",
        "  日本         1",
        "  e\u0301t\u00e9   12345678",
    ]
    assert cells("日本") == 4


def test_no_rows_are_no_lines() -> None:
    assert columns([]) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (99, "99 s"), (119, "2 min"), (3600, "60 min"), (7200, "2.0 h")],
)
def test_durations_are_told_in_the_unit_that_fits(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "-"), (0.95, "0.9500"), (-0.00001, "-0.0000"), (999.5, "999.5000"), (123456.789, "123457"), (1e9, "1e+09")],
)
def test_numbers_are_told_with_four_decimals_or_six_digits(value: float | None, said: str) -> None:
    assert number(value) == said


def test_one_is_no_plural() -> None:
    assert [counted(n, "step") for n in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]


def test_a_time_is_told_to_the_second() -> None:
    assert moment("2026-01-01T00:20:01.123Z") == "2026-01-01 00:20:01"


def test_colour_is_put_around_text_and_never_around_nothing() -> None:
    assert Ink.COLOR.paint("x", Tone.BAD) == "\x1b[31mx\x1b[0m"
    assert Ink.COLOR.paint("", Tone.BAD) == ""
    assert Ink.PLAIN.paint("x", Tone.BAD) == "x"


def test_a_table_that_is_too_wide_goes_on_below_with_its_first_columns_again() -> None:
    rows = [("", "who", "accuracy", "f1", "a"), ("*", "boosting", "0.9648", "0.8439", "x" * 30)]
    assert [*folded(rows, kept=2, right=frozenset({2, 3}), indent="  ", width=28)] == [
        ["     who       accuracy", "  *  boosting    0.9648"],
        ["     who           f1", "  *  boosting  0.8439"],
        ["     who       a", f"  *  boosting  {'x' * 30}"],
    ]
    (whole,) = folded(rows, kept=2, right=frozenset({2, 3}), indent="  ", width=0)
    assert whole == columns(rows, right=frozenset({2, 3}), indent="  ")
    assert [*folded([row[:2] for row in rows], kept=2, right=frozenset(), indent="", width=5)] == [
        ["   who", "*  boosting"]
    ]
