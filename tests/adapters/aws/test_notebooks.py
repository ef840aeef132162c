"""Notebook instances as `Notebooks`, on the loopback, where they take their time."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.notebooks import SageMakerNotebooks
from mlops_ci.errors import ProviderError, UsageError
from mlops_ci.ports.jobs import Image, Input
from mlops_ci.ports.notebooks import Notebook, NotebookState
from mlops_ci.testing.aws.faults import Denied, NoCapacity, Reset, Throttled
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.requests.test_notebooks import SPEC


@pytest.fixture
def notebooks(account: Account, aws: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[SageMakerNotebooks]:
    monkeypatch.setattr("mlops_ci.testing.aws.holes.notebooks.TAKES", 0.3 * aws.settings.speed)
    aws.traffic.reset()
    yield SageMakerNotebooks(account, lambda one: Input(one.name, f"s3://sent/{one.name}/"))
    aws.faults.clear()
    assert aws.traffic.refused == []


def client(notebooks: SageMakerNotebooks) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
    return notebooks.account.clients.of("sagemaker")


def until(notebooks: SageMakerNotebooks, state: NotebookState) -> Notebook:
    end = time.monotonic() + 20
    while True:
        now = notebooks.status("churn")
        assert now is not None
        if now.state is state:
            return now
        assert time.monotonic() < end, now
        time.sleep(0.05)


def came_up(notebooks: SageMakerNotebooks) -> None:
    notebooks.start(SPEC)
    until(notebooks, NotebookState.RUNNING)


def name(notebooks: SageMakerNotebooks) -> str:
    return notebooks._name("churn")


def script(notebooks: SageMakerNotebooks) -> str:
    found = client(notebooks).describe_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name(notebooks)
    )
    return base64.b64decode(found["OnStart"][0]["Content"]).decode()


def test_one_is_made_started_stopped_started_again_and_removed(notebooks: SageMakerNotebooks) -> None:
    assert notebooks.status("churn") is None
    notebooks.start(SPEC)
    assert until(notebooks, NotebookState.STARTING).url == ""
    notebooks.start(SPEC)  # it starts already
    running = until(notebooks, NotebookState.RUNNING)
    assert (running.candidate, running.instance) == ("boosting", "ml.t3.medium")
    assert running.url.startswith("https://")
    notebooks.start(SPEC)  # it runs already
    notebooks.stop("churn")
    until(notebooks, NotebookState.STOPPED)
    notebooks.stop("churn")
    notebooks.start(replace(SPEC, candidate="linear", idle_minutes=7))
    assert until(notebooks, NotebookState.RUNNING).candidate == "linear"
    assert "--minutes 7" in script(notebooks)
    notebooks.stop("churn")
    until(notebooks, NotebookState.STOPPED)
    notebooks.delete("churn")
    assert notebooks.status("churn") is None
    notebooks.delete("churn")
    notebooks.delete("churn")
    left = client(notebooks).list_notebook_instance_lifecycle_configs(NameContains=name(notebooks))
    assert left["NotebookInstanceLifecycleConfigs"] == []


def test_channels_are_sent_and_tags_name_the_store(notebooks: SageMakerNotebooks) -> None:
    notebooks.start(SPEC)
    assert "s3://sent/train/" not in script(notebooks), "it is base64 within"
    line = next(line for line in script(notebooks).splitlines() if "candidate.json" in line)
    assert "s3://sent/train/" in base64.b64decode(line.split()[1]).decode()
    found = client(notebooks).describe_notebook_instance(NotebookInstanceName=name(notebooks))
    tags = {t["Key"]: t["Value"] for t in client(notebooks).list_tags(ResourceArn=found["NotebookInstanceArn"])["Tags"]}
    assert tags["mlops-ci:store"] == str(notebooks.account.address)
    assert tags["team"] == "churn"


def test_another_type_of_machine_is_taken_when_it_starts_anew(notebooks: SageMakerNotebooks) -> None:
    notebooks.start(SPEC)
    until(notebooks, NotebookState.RUNNING)
    notebooks.stop("churn")
    until(notebooks, NotebookState.STOPPED)
    notebooks.start(replace(SPEC, instance="ml.t3.large"))
    assert until(notebooks, NotebookState.RUNNING).instance == "ml.t3.large"


def test_without_a_type_it_is_the_smallest(notebooks: SageMakerNotebooks) -> None:
    notebooks.start(replace(SPEC, instance=""))
    assert until(notebooks, NotebookState.STARTING).instance == "ml.t3.medium"


def test_no_capacity_is_a_failure_that_says_so_and_can_be_tried_again(
    notebooks: SageMakerNotebooks, aws: Loopback
) -> None:
    aws.faults.inject(NoCapacity("ml.t3.medium"))
    notebooks.start(SPEC)
    assert "capacity" in until(notebooks, NotebookState.FAILED).detail
    aws.faults.clear()
    notebooks.start(SPEC)
    until(notebooks, NotebookState.RUNNING)


def test_a_script_that_sagemaker_would_not_take_is_told_before_anything_is_made(
    notebooks: SageMakerNotebooks, aws: Loopback
) -> None:
    many = "".join(f"package-{n}=={n}.0\n" for n in range(1000))
    with pytest.raises(UsageError, match="SageMaker takes 16384"):
        notebooks.start(replace(SPEC, image=Image(requirements=many)))
    assert {operation for _, operation in aws.traffic.calls} == {"DescribeNotebookInstance"}


@pytest.mark.parametrize("action", ["CreateNotebookInstance", "CreateNotebookInstanceLifecycleConfig"])
def test_a_connection_that_breaks_after_aws_acted_is_made_good(
    notebooks: SageMakerNotebooks, aws: Loopback, action: str
) -> None:
    aws.faults.inject(Reset(f"sagemaker:{action}"))
    notebooks.start(SPEC)
    until(notebooks, NotebookState.RUNNING)


def test_throttling_is_waited_out(notebooks: SageMakerNotebooks, aws: Loopback) -> None:
    aws.faults.inject(Throttled(0.3, seed=3))
    notebooks.start(SPEC)
    until(notebooks, NotebookState.RUNNING)


@pytest.mark.parametrize("right", ["CreateNotebookInstance", "CreatePresignedNotebookInstanceUrl"])
def test_a_missing_right_is_named(notebooks: SageMakerNotebooks, aws: Loopback, right: str) -> None:
    aws.faults.inject(Denied(f"sagemaker:{right}"))
    with pytest.raises(ProviderError, match=f"sagemaker:{right}"):
        came_up(notebooks)
