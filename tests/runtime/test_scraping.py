"""Metrics from a log, whatever the pieces it comes in."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.runtime.scraping import Scraper

DEFINITIONS = [
    ("loss", r"loss=(\S+)"),
    ("start", r"^acc (\d+)"),
    ("end", r"f1: ([0-9.]+)$"),
    ("behind", r"(?<!val_)auc=([0-9.]+)"),
    ("group", r"(?:train|test) rmse=([0-9.]+)"),
]


def scraped(pieces: list[bytes], definitions: list[tuple[str, str]] = DEFINITIONS) -> dict[str, float]:
    scraper = Scraper(definitions)
    for piece in pieces:
        scraper.feed(piece)
    return dict(scraper.metrics())


def test_the_last_match_counts_also_of_several_in_a_line() -> None:
    assert scraped([b"loss=1\nloss=2 loss=3\nother\n"]) == {"loss": 3.0}


def test_a_match_across_two_pieces_is_found_and_a_last_line_needs_no_end() -> None:
    assert scraped([b"lo", b"ss=0.", b"125"]) == {"loss": 0.125}


def test_lines_of_a_progress_bar_are_lines() -> None:
    assert scraped([b"f1: 0.5\rf1: 0.75\r\n"]) == {"end": 0.75}


@pytest.mark.parametrize("value", [b"nan", b"inf", b"1,5", b"none"])
def test_what_is_no_finite_number_is_passed_over(value: bytes) -> None:
    assert scraped([b"loss=1\nloss=" + value + b"\n"]) == {"loss": 1.0}


def test_a_bad_expression_is_told_and_the_others_go_on() -> None:
    scraper = Scraper([("bad", "("), ("loss", "loss=(.*)")])
    scraper.feed(b"loss=1\n")
    assert dict(scraper.metrics()) == {"loss": 1.0}
    assert "metric `bad`" in scraper.problems[0]


def test_an_expression_without_a_group_finds_nothing() -> None:
    assert scraped([b"loss 1\n"], [("loss", "loss")]) == {}


def test_an_expression_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlops_ci.runtime.scraping._PATIENCE", 0.1)
    scraper = Scraper([("slow", r"(a+)+$"), ("loss", r"loss=(\d)")])
    scraper.feed(b"a" * 60 + b"b\nloss=1\n")
    assert dict(scraper.metrics()) == {"loss": 1.0}
    assert "took too long" in scraper.problems[0]


WORDS = st.sampled_from(
    [
        "loss=1",
        "loss=x",
        "loss=2.5 ",
        "acc 3",
        " acc 4",
        "f1: 0.5",
        "f1: 0.5 x",
        "val_auc=9",
        "auc=8",
        "test rmse=2",
        "",
    ]
)


@given(lines=st.lists(WORDS), ends=st.sampled_from(["\n", "\r\n", "\r"]), cuts=st.lists(st.integers(0, 200)))
def test_any_way_of_cutting_gives_what_reading_line_by_line_gives(lines: list[str], ends: str, cuts: list[int]) -> None:
    data = ends.join(lines).encode()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[a:b] for a, b in pairwise(places)]
    expected = {}
    for name, regex in DEFINITIONS:
        values = [found[1] for line in lines for found in re.finditer(regex, line)]
        if numbers := [float(value) for value in values if value != "x"]:
            expected[name] = numbers[-1]
    assert scraped(pieces) == expected
