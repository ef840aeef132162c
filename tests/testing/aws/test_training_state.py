"""The states of training jobs, and who hears of them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.testing.aws.asking import Account, channel, training, unpacked

GROUP = "/aws/sagemaker/TrainingJobs"
PATIENT = """
import os, signal, sys, time
from pathlib import Path
def over(*_):
    print('heard', flush=True)
    Path('/opt/ml/model/half').write_text('h')
    sys.exit(0)
signal.signal(signal.SIGTERM, over)
print('ready', flush=True)
time.sleep(60)
"""


def started(account: Account, request: dict[str, Any]) -> str:
    """Return the name of a job that prints `ready`, once it did."""
    account.sagemaker.create_training_job(**request)
    name: str = request["TrainingJobName"]
    _until(lambda: "ready" in account.log(GROUP, name))
    return name


def _until(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_running_job_says_so_shows_its_log_and_keeps_what_it_has_when_it_is_stopped(account: Account) -> None:
    name = started(account, training(account, PATIENT))
    found = account.described("Training", name)
    assert (found["TrainingJobStatus"], found["SecondaryStatus"]) == ("InProgress", "Training")
    assert "TrainingEndTime" not in found
    assert [step["Status"] for step in found["SecondaryStatusTransitions"] if "EndTime" not in step] == ["Training"]
    account.sagemaker.stop_training_job(TrainingJobName=name)
    assert account.described("Training", name)["TrainingJobStatus"] in {"Stopping", "Stopped"}
    found = account.ended("Training", name)
    assert found["TrainingJobStatus"] == found["SecondaryStatus"] == "Stopped"
    assert unpacked(account.read(found["ModelArtifacts"]["S3ModelArtifacts"])) == {"half": b"h"}
    assert "heard" in account.log(GROUP, name)
    with pytest.raises(account.sagemaker.exceptions.ClientError, match="is in status Stopped") as raised:
        account.sagemaker.stop_training_job(TrainingJobName=name)
    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_a_job_that_hears_no_sigterm_is_killed(account: Account) -> None:
    script = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(60)\n"
    name = started(account, training(account, script))
    account.sagemaker.stop_training_job(TrainingJobName=name)
    assert account.ended("Training", name, within=20)["TrainingJobStatus"] == "Stopped"


def test_a_job_that_runs_too_long_is_stopped_for_that(account: Account) -> None:
    request = training(account, PATIENT, StoppingCondition={"MaxRuntimeInSeconds": 1})
    account.sagemaker.create_training_job(**request)
    found = account.ended("Training", request["TrainingJobName"])
    assert (found["TrainingJobStatus"], found["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_a_name_is_used_once(account: Account) -> None:
    request = training(account, "pass\n")
    account.sagemaker.create_training_job(**request)
    with pytest.raises(account.sagemaker.exceptions.ResourceInUse):
        account.sagemaker.create_training_job(**request)
    account.ended("Training", request["TrainingJobName"])


def test_of_many_who_create_one_name_at_once_one_does_and_nobody_sees_it_completed_before(account: Account) -> None:
    request = training(account, "import time; time.sleep(0.5)\n")
    name, in_use = request["TrainingJobName"], account.sagemaker.exceptions.ResourceInUse

    def create(_: int) -> str:
        try:
            account.sagemaker.create_training_job(**request)
        except in_use:
            status: str = account.described("Training", name)["TrainingJobStatus"]
            return status
        return "created"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(create, range(8)))
    assert sorted(told) == ["InProgress"] * 7 + ["created"]
    assert account.ended("Training", name)["TrainingJobStatus"] == "Completed"


def test_a_bucket_that_is_not_there_fails_the_job_before_it_trains(account: Account) -> None:
    request = training(account, "pass\n", InputDataConfig=[channel("train", "s3://not-there-at-all/x")])
    account.sagemaker.create_training_job(**request)
    found = account.ended("Training", request["TrainingJobName"])
    assert found["FailureReason"].startswith("ClientError: Data download failed:NoSuchBucket (404)")
    assert "TrainingStartTime" not in found


def test_an_image_that_would_have_to_be_pulled_fails_with_what_to_do(account: Account) -> None:
    request = training(account, "pass\n")
    del request["HyperParameters"]
    account.sagemaker.create_training_job(**request)
    found = account.ended("Training", request["TrainingJobName"])
    assert found["TrainingJobStatus"] == "Failed"
    assert "is not pulled by the loopback" in found["FailureReason"]
    assert "`sagemaker_program`" in found["FailureReason"]


def test_a_mode_that_is_not_done_here_is_refused(account: Account) -> None:
    request = training(account, "pass\n", InputDataConfig=[channel("train", "s3://x/y") | {"InputMode": "Pipe"}])
    with pytest.raises(account.sagemaker.exceptions.ClientError, match="not `Pipe`"):
        account.sagemaker.create_training_job(**request)


def test_state_changes_reach_a_queue_by_a_rule_of_eventbridge(account: Account) -> None:
    events, sqs, name = account.client("events"), account.client("sqs"), f"rule-{uuid.uuid4().hex[:8]}"
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    request = training(account, "raise SystemExit(1)\n", Tags=[{"Key": "team", "Value": "ml"}])
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Training Job State Change"],
        "detail": {"TrainingJobStatus": ["Failed"], "TrainingJobName": [request["TrainingJobName"]]},
    }
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn}])
    account.sagemaker.create_training_job(**request)
    found = account.ended("Training", request["TrainingJobName"])
    told: list[dict[str, Any]] = []

    def received() -> bool:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", ())
        told.extend(json.loads(message["Body"]) for message in messages)
        return bool(told)

    _until(received)
    assert told[0]["resources"] == [found["TrainingJobArn"]]
    assert told[0]["detail"]["FailureReason"] == found["FailureReason"]
    assert told[0]["detail"]["Tags"] == {"team": "ml"}
    assert len(told) == 1


def test_a_search_finds_a_job_as_it_is(account: Account) -> None:
    request = training(account, "raise SystemExit(1)\n")
    account.sagemaker.create_training_job(**request)
    found = account.ended("Training", request["TrainingJobName"])
    name = {"Name": "TrainingJobName", "Operator": "Equals", "Value": request["TrainingJobName"]}
    (result,) = account.sagemaker.search(Resource="TrainingJob", SearchExpression={"Filters": [name]})["Results"]
    assert result["TrainingJob"]["TrainingJobStatus"] == "Failed"
    assert result["TrainingJob"]["FailureReason"] == found["FailureReason"]
    assert "FinalMetricDataList" not in result["TrainingJob"] or result["TrainingJob"]["FinalMetricDataList"] == []


def test_lists_are_filtered_sorted_and_in_pages(account: Account) -> None:
    mark = uuid.uuid4().hex[:8]
    names = [f"{mark}-{letter}" for letter in "abc"]
    for name, script in zip(names, ("pass", "raise SystemExit(1)", "pass"), strict=True):
        account.sagemaker.create_training_job(**training(account, f"{script}\n", TrainingJobName=name))
    for name in names:
        account.ended("Training", name)

    def found(**asked: Any) -> list[str]:  # noqa: ANN401 - parameters
        pages = account.sagemaker.get_paginator("list_training_jobs").paginate(NameContains=mark, **asked)
        return [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]

    assert found() == names
    assert found(MaxResults=1) == names
    assert found(SortOrder="Descending") == names[::-1]
    assert found(StatusEquals="Failed") == names[1:2]
    hour_ago = account.described("Training", names[0])["CreationTime"] - timedelta(hours=1)
    assert found(CreationTimeAfter=hour_ago) == names
    assert found(CreationTimeBefore=hour_ago) == found(LastModifiedTimeBefore=hour_ago) == []
