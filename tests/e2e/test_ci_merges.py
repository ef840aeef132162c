"""Merges that come while jobs of earlier ones run: nothing is lost, nothing is done twice, and the last one serves."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.ci import Machine, machine, promotions
from tests.e2e.tiny import Done

pytestmark = pytest.mark.e2e

JOBS = (("train",), ("evaluate",), ("promote",), ("deploy", "staging"))


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Machine]:
    found = machine(tmp_path)
    yield found
    found.end()


def chain(runner: Machine, commit: str) -> list[Done]:
    """Return the ends of the jobs that a merge starts, one after the other, each in a clone of its own."""
    return [runner.job(*words, commit=commit) for words in JOBS]


def play(runner: Machine, merges: int, *, at_once: int) -> list[list[Done]]:
    """Merge a better candidate so many times, each merge's jobs running beside those of the ones before."""
    (runner.tiny.folder / "pipelines/tiny/candidates/low.yaml").unlink()
    chains: list[Future[list[Done]]] = []
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        for number in range(1, merges + 1):
            runner.candidate("middle", round(0.2 + 0.02 * number, 3))
            commit = runner.merge(f"merge {number}")
            chains.append(pool.submit(chain, runner, commit))
            if number < merges and len(chains) >= at_once:
                chains[number - at_once].result()  # the queue of a CI system is not without end
        return [future.result() for future in chains]


def check(runner: Machine, merges: int) -> None:
    """Hold the machine to what so many merges must leave."""
    last = str(round(0.2 + 0.02 * merges, 3))
    subjects = runner.origin("log", "--reverse", "--format=%s", "main").splitlines()
    assert [s for s in subjects if s.startswith("merge ")] == [f"merge {n}" for n in range(1, merges + 1)]
    made = promotions(runner)
    assert made == [f"Promote tiny v{n}: middle" for n in range(1, len(made) + 1)]
    assert 1 <= len(made) <= merges
    assert sorted(runner.origin("tag").split()) == sorted(f"tiny/v{n}" for n in range(1, len(made) + 1))
    began = runner.marks()
    assert len(began) == len(set(began)), began
    assert last in began
    found = runner.status()
    assert found["champion"]["version"] == len(made)
    staging = found["environments"]["staging"]
    assert (staging["version"], staging["state"], staging["drift"]) == (len(made), "InService", None)
    left = {change["subject"] for change in runner.job("plan", "--json").json()["changes"]}
    assert left <= {"staging", "production"}  # their tests and their approval are nobody's job here
    recorded = (runner.base / "store/records/tiny").glob("promotions~*")
    assert len(list(recorded)) == len(made)


def test_two_merges_whose_jobs_run_side_by_side_lose_nothing_and_the_last_one_serves(runner: Machine) -> None:
    play(runner, 2, at_once=2)
    check(runner, 2)


@pytest.mark.soak
def test_ten_merges_in_a_row_while_jobs_run_lose_nothing_and_the_last_one_serves(runner: Machine) -> None:
    play(runner, 10, at_once=3)
    check(runner, 10)


def test_the_jobs_of_an_older_commit_say_that_it_is_superseded_and_leave_the_rest_to_the_newer(runner: Machine) -> None:
    older = runner.tip()
    runner.candidate("middle", 0.46)
    newer = runner.merge("another middle")
    for words in (("promote",), ("deploy", "staging"), ("test", "staging"), ("gate", "production")):
        done = runner.job(*words, commit=older)
        assert f"tiny is superseded: `main` moved on since {older[:10]}" in done.err
        assert "merge" not in done.out
    assert runner.outputs("gate", "production", "--format", "github", commit=older)[0] == {
        "open": "true",
        "waiting": "",
        "waits": "false",
    }
    assert runner.tip() == newer
    assert promotions(runner) == []
