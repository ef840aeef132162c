"""Notebook instances and their life cycles."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlops_ci.testing.aws.faults import NoCapacity
from mlops_ci.testing.aws.loopback import Loopback
from tests.testing.aws.guard.clients import Clients
from tests.testing.aws.guard.requests import ROLE

STATUS = "NotebookInstanceStatus"


def status(sagemaker: Any, name: str, wanted: str) -> dict[str, Any]:  # noqa: ANN401 - a client
    until = time.monotonic() + 10
    while (found := sagemaker.describe_notebook_instance(NotebookInstanceName=name))[STATUS] != wanted:
        assert time.monotonic() < until
        time.sleep(0.02)
    return dict(found)


def create(sagemaker: Any, name: str, **more: object) -> None:  # noqa: ANN401 - a client
    sagemaker.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE, **more)


def test_an_instance_goes_through_its_states(clients: Clients) -> None:
    sagemaker = clients["sagemaker"]
    named = {"NotebookInstanceName": "states"}
    create(sagemaker, "states")
    first = sagemaker.describe_notebook_instance(**named)
    assert first[STATUS] == "Pending"
    assert "SubnetId" not in first
    with pytest.raises(ClientError, match=r"Status \(Pending\) not in \(\[InService\]\)"):
        sagemaker.stop_notebook_instance(**named)
    with pytest.raises(ClientError, match="Unable to transition to"):
        sagemaker.create_presigned_notebook_instance_url(**named)
    status(sagemaker, "states", "InService")
    url = sagemaker.create_presigned_notebook_instance_url(**named)["AuthorizedUrl"]
    assert url.startswith("https://states.notebook.us-east-1.sagemaker.aws?authToken=")
    sagemaker.stop_notebook_instance(**named)
    assert sagemaker.describe_notebook_instance(**named)[STATUS] == "Stopping"
    status(sagemaker, "states", "Stopped")
    sagemaker.update_notebook_instance(**named, InstanceType="ml.m5.xlarge")
    sagemaker.start_notebook_instance(**named)
    assert status(sagemaker, "states", "InService")["InstanceType"] == "ml.m5.xlarge"
    with pytest.raises(ClientError, match="Unable to transition to"):
        sagemaker.delete_notebook_instance(**named)
    sagemaker.stop_notebook_instance(**named)
    status(sagemaker, "states", "Stopped")
    sagemaker.delete_notebook_instance(**named)
    with pytest.raises(ClientError, match="RecordNotFound"):
        sagemaker.describe_notebook_instance(**named)


def test_an_instance_fails_where_there_is_no_machine(aws: Loopback, clients: Clients) -> None:
    aws.faults.inject(NoCapacity("ml.t3.*", times=1))
    create(clients["sagemaker"], "short")
    told = status(clients["sagemaker"], "short", "Failed")
    assert told["FailureReason"].startswith("Unable to provision requested ML compute capacity")


def test_life_cycles_are_made_changed_listed_and_must_exist(clients: Clients) -> None:
    sagemaker = clients["sagemaker"]
    key = "NotebookInstanceLifecycleConfigName"
    old, new = ({"Content": base64.b64encode(text).decode()} for text in (b"old", b"new"))
    with pytest.raises(ClientError, match="Lifecycle Config does not exist"):
        create(sagemaker, "cycled", LifecycleConfigName="idle")
    sagemaker.create_notebook_instance_lifecycle_config(**{key: "idle"}, OnStart=[old])
    sagemaker.update_notebook_instance_lifecycle_config(**{key: "idle"}, OnStart=[new])
    assert sagemaker.describe_notebook_instance_lifecycle_config(**{key: "idle"})["OnStart"] == [new]
    listed = sagemaker.list_notebook_instance_lifecycle_configs(NameContains="id")["NotebookInstanceLifecycleConfigs"]
    assert [one[key] for one in listed] == ["idle"]
    create(sagemaker, "cycled", LifecycleConfigName="idle")
    assert sagemaker.describe_notebook_instance(NotebookInstanceName="cycled")[key] == "idle"
