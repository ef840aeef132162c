"""The same work on many items, on every core."""

from __future__ import annotations

import os
import signal

import pytest

from mlops_ci.adapters.local.spreading import spread
from mlops_ci.errors import ProviderError


def test_results_come_in_the_order_of_the_items() -> None:
    assert spread(lambda n: n * n, range(101), cores=3) == [n * n for n in range(101)]


def test_many_items_are_worked_on_by_several_processes_and_a_few_by_this_one() -> None:
    assert len(set(spread(lambda _: os.getpid(), range(100), cores=2))) == 2
    assert set(spread(lambda _: os.getpid(), range(5), cores=2)) == {os.getpid()}


def test_an_error_in_a_child_is_raised_here_with_its_hint() -> None:
    def work(number: int) -> int:
        if number == 61:
            raise ProviderError("61 is wrong", hint="take 62")
        return number

    with pytest.raises(ProviderError, match="61 is wrong") as caught:
        spread(work, range(100), cores=2)
    assert caught.value.hint == "take 62"


def test_the_share_of_a_child_that_is_killed_is_done_here() -> None:
    me = os.getpid()

    def work(number: int) -> int:
        if os.getpid() != me and number > 50:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert spread(work, range(100), cores=2) == list(range(100))


def test_results_larger_than_a_pipe_arrive_whole() -> None:
    assert spread(lambda n: b"x" * 50_000 + bytes([n]), range(60), cores=4)[59] == b"x" * 50_000 + b";"
