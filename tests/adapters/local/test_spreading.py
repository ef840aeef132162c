"""The same work on many items, on every core."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

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


SLOW = """
import os, sys, time
from mlops_ci.adapters.local.spreading import spread

def work(number):
    open(os.path.join(sys.argv[1], str(os.getpid())), "a").close()
    if {fails} and number == 0:
        while len(os.listdir(sys.argv[1])) < 3:
            time.sleep(0.01)
        raise ValueError("0 is wrong")
    time.sleep(0.5)

spread(work, range(90), cores=3)
"""


@pytest.mark.parametrize(("fails", "said"), [(False, "KeyboardInterrupt"), (True, "ValueError: 0 is wrong")])
def test_no_child_outlives_an_interrupt_or_an_error_of_its_parent(tmp_path: Path, said: str, *, fails: bool) -> None:
    command = [sys.executable, "-c", SLOW.format(fails=fails), str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as parent:
        until = time.monotonic() + 10
        while len(found := list(tmp_path.iterdir())) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        if not fails:
            parent.send_signal(signal.SIGINT)  # the parent alone, as `kill` does: a terminal tells all of them
        began = time.monotonic()
        _, err = parent.communicate(timeout=60)
    assert time.monotonic() - began < 5  # a share takes 15 s
    assert said in err
    assert err.count("Traceback") == 1
    assert len(found) == 3
    for place in found:
        with pytest.raises(ProcessLookupError):
            os.kill(int(place.name), 0)
