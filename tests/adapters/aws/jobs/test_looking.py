"""Looking at jobs seldom, and not losing one that AWS does not know yet."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from mlops_ci.adapters.aws.jobs.looking import Looks
from mlops_ci.adapters.aws.jobs.making import every_of
from mlops_ci.errors import UsageError


class Service:
    """Counts what it is asked, at a time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[float] = []
        self.about: dict[str, Any] | None = {"a": 1}

    def describe(self) -> dict[str, Any] | None:
        self.asked.append(self.now)
        return self.about

    def looked(self, looks: Looks, *, every: float, until: float) -> list[float]:
        """Look all the time, and return when it was asked."""
        while self.now < until:
            looks.look("job", self.describe)
            self.now += every
        return self.asked


def test_calls_lie_5_seconds_apart_and_30_for_a_long_job() -> None:
    service = Service()
    asked = service.looked(Looks(clock=lambda: service.now), every=0.5, until=1000)
    gaps = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert gaps[0] == 5.0
    assert max(gaps) == 30.0
    assert gaps == sorted(gaps)
    assert len(asked) < 60


def test_the_seconds_can_be_said() -> None:
    service = Service()
    looks = Looks(2.0, clock=lambda: service.now)
    assert service.looked(looks, every=0.5, until=6) == [0.0, 2.0, 4.0]


def test_what_was_forgotten_is_asked_at_once_and_what_is_unknown_each_time() -> None:
    service = Service()
    looks = Looks(clock=lambda: service.now)
    looks.look("job", service.describe)
    looks.forget("job")
    looks.look("job", service.describe)
    assert len(service.asked) == 2
    service.about = None
    for _ in range(3):
        assert looks.look("other", service.describe) is None
    assert len(service.asked) == 5


def test_what_was_made_here_counts_for_five_minutes_and_is_asked_for_as_seldom() -> None:
    service = Service()
    service.about = None
    looks = Looks(clock=lambda: service.now)
    looks.make("job")
    assert service.looked(looks, every=1, until=12) == [0.0, 5.0, 10.0]
    assert looks.is_made("job")
    service.now = 301
    assert not looks.is_made("job")
    looks.make("refused")
    looks.unmake("refused")
    assert not looks.is_made("refused")


def test_the_variable_is_a_number_of_seconds() -> None:
    assert every_of({}) is None
    assert every_of({"MLOPS_CI_AWS_POLL": "0.5"}) == 0.5
    wrong: Callable[[str], object] = lambda said: every_of({"MLOPS_CI_AWS_POLL": said})  # noqa: E731
    for said in ("often", "-1", "nan", "4000"):
        with pytest.raises(UsageError, match="no number of seconds"):
            wrong(said)
