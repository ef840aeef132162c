"""An alarm's state follows from the values of its windows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.testing.aws.fleets.alarms import Rule, Seen, judged

RULE = Rule("Average", "GreaterThanThreshold", 0.5, period=60, periods=1, needed=1, missing="missing")
NOW = 1000.0


def seen(*values: tuple[float, float]) -> list[Seen]:
    """Return values, each with the seconds that it is old."""
    return sorted((Seen(NOW - age, value) for age, value in values), key=lambda item: item.at)


def state(rule: Rule, values: list[Seen], speed: float = 1) -> str:
    return judged(rule, values, NOW, speed)[0]


def test_the_values_of_the_window_decide_and_older_ones_do_not() -> None:
    assert state(RULE, seen((10, 1), (20, 1), (30, 0))) == "ALARM"
    assert state(RULE, seen((10, 1), (20, 0), (30, 0))) == "OK"
    assert state(RULE, seen((10, 0), (70, 1), (80, 1))) == "OK"


def test_a_window_is_as_much_shorter_as_time_is_faster() -> None:
    values = seen((0.3, 0), (10, 1), (20, 1))
    assert state(RULE, values) == "ALARM"
    assert state(RULE, values, speed=100) == "OK"


def test_so_many_of_so_many_windows_must_breach() -> None:
    two_of_three = replace(RULE, periods=3, needed=2)
    assert state(two_of_three, seen((10, 1), (70, 0), (130, 1))) == "ALARM"
    assert state(two_of_three, seen((10, 0), (70, 0), (130, 1))) == "OK"
    assert state(two_of_three, seen((10, 1), (190, 1))) == "OK"


@pytest.mark.parametrize(
    ("missing", "expected"),
    [("missing", "INSUFFICIENT_DATA"), ("notBreaching", "OK"), ("breaching", "ALARM"), ("ignore", "")],
)
def test_silence_means_what_treat_missing_data_says(missing: str, expected: str) -> None:
    assert state(replace(RULE, missing=missing), []) == expected


@pytest.mark.parametrize(
    ("statistic", "threshold", "expected"),
    [
        ("Sum", 9.5, "ALARM"),
        ("Sum", 10, "OK"),
        ("Maximum", 3.9, "ALARM"),
        ("Minimum", 1, "OK"),
        ("SampleCount", 3.5, "ALARM"),
        ("p50", 1.9, "ALARM"),
        ("p50", 2, "OK"),
        ("p99", 3.9, "ALARM"),
    ],
)
def test_each_statistic_is_what_its_name_says(statistic: str, threshold: float, expected: str) -> None:
    values = seen((1, 1), (2, 2), (3, 3), (4, 4))
    assert state(replace(RULE, statistic=statistic, threshold=threshold), values) == expected
