"""State changes of endpoints and of their deployments are on EventBridge's default bus."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.testing.aws.serving.worlds import World


@pytest.fixture
def queue(world: World) -> str:
    """Return the address of a queue that gets every event of SageMaker."""
    sqs, events = world.client("sqs"), world.client("events")
    url: str = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="sagemaker", EventPattern=json.dumps({"source": ["aws.sagemaker"]}), State="ENABLED")
    events.put_targets(Rule="sagemaker", Targets=[{"Id": "queue", "Arn": arn}])
    return url


def told(world: World, queue: str, until: str) -> list[dict[str, Any]]:
    """Return the events, in order, up to the one whose status is this."""
    found: list[dict[str, Any]] = []
    end = time.monotonic() + 20
    while not any(event["detail"]["EndpointStatus"] == until for event in found):
        assert time.monotonic() < end, found
        for message in world.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            event = json.loads(message["Body"])
            found += [event] if event["detail-type"].startswith("SageMaker Endpoint") else []
            world.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        time.sleep(0.02)
    return found


def test_each_state_is_told_and_a_deployment_says_how_far_it_is(world: World, queue: str) -> None:
    world.model("told-one")
    world.sagemaker.create_endpoint(
        EndpointName="told", EndpointConfigName="told-one", Tags=[{"Key": "team", "Value": "churn"}]
    )
    world.settled("told")
    events = told(world, queue, "IN_SERVICE")
    assert [event["detail"]["EndpointStatus"] for event in events] == ["CREATING", "IN_SERVICE"]
    last = events[-1]
    assert last["detail-type"] == "SageMaker Endpoint State Change"
    assert last["resources"] == ["arn:aws:sagemaker:us-east-1:123456789012:endpoint/told"]
    assert last["detail"]["EndpointConfigName"] == "told-one"
    assert last["detail"]["Tags"] == {"team": "churn"}
    assert isinstance(last["detail"]["CreationTime"], int)

    world.model("told-two")
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 20}
    world.sagemaker.update_endpoint(
        EndpointName="told",
        EndpointConfigName="told-two",
        DeploymentConfig={"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}},
    )
    world.settled("told")
    events = told(world, queue, "IN_SERVICE")
    deployments = [event for event in events if event["detail-type"] == "SageMaker Endpoint Deployment State Change"]
    pending = [event["detail"]["PendingDeploymentSummary"] for event in deployments[:3]]
    assert {summary["EndpointConfigName"] for summary in pending} == {"told-two"}
    steps = [summary["ProductionVariants"][0]["VariantStatus"][0] for summary in pending[1:]]
    assert [step["Status"] for step in steps] == ["ActivatingTraffic", "Baking"]
    assert steps[1]["StatusMessage"] == (
        "Baking for 20 seconds (WaitIntervalInSeconds) with traffic enabled on full capacity of 1 instance(s)."
    )
    assert [event["detail"]["EndpointStatus"] for event in events if event not in deployments] == [
        "UPDATING",
        "IN_SERVICE",
    ]
