"""What goes wrong between us and SageMaker: jobs are adopted, never begun twice, and an end says why."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.aws.packages import Packages
from mlops_ci.errors import ProviderError
from mlops_ci.model import Resources
from mlops_ci.ports.jobs import Failed, FailureCause, Running, Succeeded
from mlops_ci.testing.aws.faults import Denied, Interrupted, NoCapacity, Reset, Stale, Throttled
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.jobs.sites import a_place, scripts
from tests.adapters.aws.jobs.test_aws_transform import models, transform
from tests.adapters.local.workplace import HELLO, training
from tests.contracts.jobs import ended
from tests.packages import a_package


@pytest.fixture(autouse=True)
def healed(aws: Loopback) -> Iterator[None]:
    yield
    aws.faults.clear()


def made(aws: Loopback, since: int, operation: str) -> int:
    """Return how often something was asked for since so many calls."""
    return aws.traffic.calls[since:].count(("sagemaker", operation))


def test_a_connection_that_breaks_after_aws_acted_begins_nothing_twice(aws: Loopback, tmp_path: Path) -> None:
    jobs, since = a_place(tmp_path, scripts(HELLO)).site.trainer(), len(aws.traffic.calls)
    aws.faults.inject(Reset("sagemaker:CreateTrainingJob"))
    jobs.submit(training(HELLO), key="reset-1")
    assert made(aws, since, "CreateTrainingJob") == 2
    assert isinstance(ended(jobs, "reset-1"), Succeeded)


def test_where_nothing_ever_answers_the_job_may_run_and_is_adopted_later(
    aws: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)  # between two tries
    place = a_place(tmp_path, scripts(HELLO))
    jobs = place.site.trainer()
    aws.faults.inject(Stale(missing=1000, action="sagemaker:DescribeTrainingJob"))
    aws.faults.inject(Reset("sagemaker:CreateTrainingJob", times=20))
    with pytest.raises(ProviderError, match="nothing answers"):
        jobs.submit(training(HELLO), key="silent-1")
    assert jobs.status("silent-1") == Running()  # so that nobody takes it for one that never began
    aws.faults.clear()
    later = place.site.trainer()
    since = len(aws.traffic.calls)
    later.submit(training(HELLO), key="silent-1")
    assert made(aws, since, "CreateTrainingJob") == 0
    assert isinstance(ended(later, "silent-1"), Succeeded)


def test_a_refused_job_is_unknown_and_says_who_lacks_which_right(aws: Loopback, tmp_path: Path) -> None:
    jobs = a_place(tmp_path, scripts(HELLO)).site.trainer()
    aws.faults.inject(Denied("sagemaker:CreateTrainingJob"))
    with pytest.raises(ProviderError, match="`sagemaker:CreateTrainingJob` on") as caught:
        jobs.submit(training(HELLO), key="denied-1")
    assert "assumed-role/ci/mlops-ci" in caught.value.summary
    assert jobs.status("denied-1") is None


def test_a_job_that_aws_does_not_know_yet_runs(aws: Loopback, tmp_path: Path) -> None:
    jobs = a_place(tmp_path, scripts(HELLO)).site.trainer()
    aws.faults.inject(Stale(missing=4, action="sagemaker:DescribeTrainingJob"))
    jobs.submit(training(HELLO), key="stale-1")
    assert jobs.status("stale-1") == Running()
    assert isinstance(ended(jobs, "stale-1"), Succeeded)


def test_throttling_delays_and_fails_nothing(aws: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)  # between two tries
    place = a_place(tmp_path, scripts(HELLO))
    jobs = place.site.trainer()
    aws.faults.inject(Throttled(0.3, seed=7))
    jobs.submit(training(HELLO), key="busy-1")
    assert isinstance(ended(jobs, "busy-1"), Succeeded)
    assert jobs.collect("busy-1").digest("model")


def test_a_job_without_capacity_did_not_start(aws: Loopback, tmp_path: Path) -> None:
    jobs = a_place(tmp_path, scripts(HELLO)).site.trainer()
    aws.faults.inject(NoCapacity("ml.m5.large", times=1))
    jobs.submit(training(HELLO), key="full-1")
    found = ended(jobs, "full-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.NOT_STARTED
    assert [output.name for output in jobs.collect("full-1").artifacts] == ["log"]


RESUMES = """
import os, time
kept = "/opt/ml/checkpoints/epoch"
begun = int(open(kept).read()) if os.path.exists(kept) else 0
print("begins at", begun, flush=True)
for epoch in range(begun, 4):
    open(kept, "w").write(str(epoch + 1))
    time.sleep(0.5)
open(os.environ["SM_MODEL_DIR"] + "/model.txt", "w").write("a model")
"""


def test_a_spot_job_goes_on_from_its_checkpoint(aws: Loopback, tmp_path: Path) -> None:
    place = a_place(tmp_path, scripts(RESUMES))
    jobs = place.site.trainer()
    aws.faults.inject(Interrupted("spot-1-*", after=1.2))
    jobs.submit(replace(training(RESUMES), resources=Resources(spot=True, max_runtime=60)), key="spot-1")
    assert isinstance(ended(jobs, "spot-1"), Succeeded)
    begins = [line for line in jobs.logs("spot-1", start=0) if "begins at" in line]
    assert len(begins) == 2
    assert begins[0].endswith("begins at 0")
    assert not begins[1].endswith("begins at 0")
    assert [key for key in place.keys("jobs/") if "/checkpoints/" in key]


def test_who_was_killed_after_the_job_began_adopts_it_and_no_model_stays(aws: Loopback, tmp_path: Path) -> None:
    """The child is a fork: it also shows that clients of the parent are not used in it."""
    place = a_place(tmp_path, {})
    package = a_package(place.artifacts)
    job = transform(tmp_path, "p")

    since = len(aws.traffic.calls)
    child = os.fork()
    if not child:
        try:
            place.site.transformer(Packages(place.site.bucket, place.artifacts), lambda job: package).submit(
                job, key="transform-killed-1"
            )
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    again = place.site.transformer(Packages(place.site.bucket, place.artifacts), lambda job: package)
    again.submit(job, key="transform-killed-1")
    assert isinstance(ended(again, "transform-killed-1"), Succeeded)
    again.collect("transform-killed-1")
    assert made(aws, since, "CreateTransformJob") == 1
    assert models(place) == []


def test_who_was_killed_between_the_model_and_the_job_takes_the_model_that_is_there(
    aws: Loopback, tmp_path: Path
) -> None:
    place = a_place(tmp_path, {})
    package = a_package(place.artifacts)
    jobs = place.site.transformer(Packages(place.site.bucket, place.artifacts), lambda job: package)
    aws.faults.inject(Denied("sagemaker:CreateTransformJob", times=1), Denied("sagemaker:DeleteModel", times=1))
    with pytest.raises(ProviderError):
        jobs.submit(transform(tmp_path, "p"), key="transform-half-1")
    assert len(models(place)) == 1
    jobs.submit(transform(tmp_path, "p"), key="transform-half-1")
    assert isinstance(ended(jobs, "transform-half-1"), Succeeded)
    jobs.collect("transform-half-1")
    assert models(place) == []


def test_a_log_that_is_followed_is_read_on_from_where_it_was(aws: Loopback, tmp_path: Path) -> None:
    jobs = a_place(tmp_path, scripts(HELLO)).site.trainer()
    jobs.submit(training(HELLO), key="follow-1")
    ended(jobs, "follow-1")
    lines = list(jobs.logs("follow-1", start=0))
    since = len(aws.traffic.calls)
    assert list(jobs.logs("follow-1", start=0)) == lines
    asked = [operation for service, operation in aws.traffic.calls[since:] if service == "logs"]
    assert asked == ["DescribeLogStreams", "GetLogEvents"]
