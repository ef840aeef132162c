"""A log that grows is told line by line, each once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.commands.following import followed, new
from mlops_ci.commands.logs import job_log
from mlops_ci.ports.jobs import Failed, FailureCause
from tests.executor.small import small
from tests.executor.small_ports import AT


@pytest.mark.parametrize(
    ("seen", "now", "expected"),
    [
        ("", "ab", "ab"),
        ("ab", "ab", ""),
        ("ab", "abc", "c"),
        ("abc", "bcd", "d"),  # a window moved on
        ("aab", "aba", "a"),
        ("abc", "xyz", "xyz"),  # so fast that nothing is left
        ("ace", "abcde", "bd"),  # another machine's lines came in between
        ("aab", "aacb", "c"),
    ],
)
def test_what_is_new_is_what_was_not_there(seen: str, now: str, expected: str) -> None:
    assert "".join(new(tuple(seen), tuple(now))) == expected


def test_lines_written_before_the_end_are_told_although_they_are_read_after_it(tmp_path: Path) -> None:
    world = small(tmp_path).world
    looks = iter([("a",), ("a", "b", "last words")])
    ends = iter([False, True])
    assert list(followed(world, lambda: next(looks), lambda: next(ends), 0)) == ["a", "b", "last words"]


def test_only_the_tail_of_what_is_there_is_told_and_all_that_comes(tmp_path: Path) -> None:
    world = small(tmp_path).world
    looks = iter([("a", "b", "c"), ("a", "b", "c", "d", "e")])
    ends = iter([False, True])
    assert list(followed(world, lambda: next(looks), lambda: next(ends), 1)) == ["c", "d", "e"]


def test_a_job_that_runs_goes_before_one_that_failed(tmp_path: Path) -> None:
    world = small(tmp_path)
    made = world.trainer.made
    world.trainer.made = lambda job: {**made(job), "log": f"this is {job.candidate}\n".encode()}
    world.trainer.fates["bad"] = [Failed(FailureCause.EXIT, "exit code 1", AT, AT, 1.0)]
    world.run()
    good = next(job for key, job in world.trainer.jobs.items() if job.candidate == "good")
    (key,) = (key for key, job in world.trainer.jobs.items() if job is good)
    del world.records.kept[f"tiny/attempts/{key}/finished"]
    assert list(job_log(world.world, "tiny", "", 0)) == ["this is bad"]
    assert list(job_log(world.world, "tiny", "", 0, follow=True)) == ["it printed"], "as the job itself says now"
