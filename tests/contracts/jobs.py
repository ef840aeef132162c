"""What every `Jobs` port promises of any kind of job.

An implementation subclasses `JobsContract` and gives `jobs` and the three jobs, whose own work is: to end well having
printed `hello`, to fail having printed `broken`, and to run until it is stopped.
"""

from __future__ import annotations

import time
from typing import Generic, TypeVar

import pytest

from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Failed, Jobs, JobStatus, Running, Stopped, Succeeded

JobT = TypeVar("JobT")


def ended(jobs: Jobs[JobT], key: str, *, seconds: float = 60) -> JobStatus:
    """Return a job's status once it has ended."""
    until = time.monotonic() + seconds
    while isinstance(found := jobs.status(key), Running):
        assert time.monotonic() < until, "the job does not end"
        time.sleep(0.02)
    assert found is not None
    return found


class JobsContract(Generic[JobT]):
    @pytest.fixture
    def jobs(self) -> Jobs[JobT]:
        raise NotImplementedError

    @pytest.fixture
    def good(self) -> JobT:
        raise NotImplementedError

    @pytest.fixture
    def bad(self) -> JobT:
        raise NotImplementedError

    @pytest.fixture
    def endless(self) -> JobT:
        raise NotImplementedError

    def test_a_job_that_ends_well_has_succeeded_and_tells_its_times(self, jobs: Jobs[JobT], good: JobT) -> None:
        jobs.submit(good, key="good-1")
        found = ended(jobs, "good-1")
        assert isinstance(found, Succeeded)
        assert found.started_at.endswith("Z")
        assert found.started_at <= found.ended_at
        assert found.seconds >= 0

    def test_what_a_job_made_is_collected_and_collecting_again_gives_the_same(
        self, jobs: Jobs[JobT], good: JobT
    ) -> None:
        jobs.submit(good, key="good-1")
        ended(jobs, "good-1")
        outputs = jobs.collect("good-1")
        assert len(outputs.artifacts) >= 2
        assert outputs.digest("log")
        assert jobs.collect("good-1") == outputs

    def test_a_job_that_fails_says_how_and_its_log_is_collected(self, jobs: Jobs[JobT], bad: JobT) -> None:
        jobs.submit(bad, key="bad-1")
        found = ended(jobs, "bad-1")
        assert isinstance(found, Failed)
        assert "broken" in found.detail
        assert [output.name for output in jobs.collect("bad-1").artifacts] == ["log"]

    def test_a_job_nobody_submitted_has_no_status_no_log_and_no_outputs(self, jobs: Jobs[JobT]) -> None:
        assert jobs.status("unknown-1") is None
        assert list(jobs.logs("unknown-1", start=0)) == []
        jobs.stop("unknown-1")
        with pytest.raises(ProviderError):
            jobs.collect("unknown-1")

    def test_submitting_a_known_key_adopts_the_job(self, jobs: Jobs[JobT], good: JobT, bad: JobT) -> None:
        jobs.submit(good, key="same-1")
        jobs.submit(bad, key="same-1")
        assert isinstance(ended(jobs, "same-1"), Succeeded)
        jobs.submit(bad, key="same-1")
        assert isinstance(jobs.status("same-1"), Succeeded)

    def test_another_key_is_another_job(self, jobs: Jobs[JobT], good: JobT, bad: JobT) -> None:
        jobs.submit(bad, key="try-1")
        jobs.submit(good, key="try-2")
        assert isinstance(ended(jobs, "try-1"), Failed)
        assert isinstance(ended(jobs, "try-2"), Succeeded)

    def test_lines_of_the_log_are_given_from_a_start_and_from_the_end(self, jobs: Jobs[JobT], good: JobT) -> None:
        jobs.submit(good, key="good-1")
        ended(jobs, "good-1")
        lines = list(jobs.logs("good-1", start=0))
        assert "hello" in lines
        assert list(jobs.logs("good-1", start=1)) == lines[1:]
        assert list(jobs.logs("good-1", start=-1)) == lines[-1:]
        assert list(jobs.logs("good-1", start=len(lines))) == []

    def test_a_running_job_runs_until_it_is_stopped(self, jobs: Jobs[JobT], endless: JobT) -> None:
        jobs.submit(endless, key="endless-1")
        assert isinstance(jobs.status("endless-1"), Running)
        with pytest.raises(ProviderError):
            jobs.collect("endless-1")
        jobs.stop("endless-1")
        jobs.stop("endless-1")
        assert isinstance(ended(jobs, "endless-1"), Stopped)
        jobs.stop("endless-1")
        assert isinstance(jobs.status("endless-1"), Stopped)
