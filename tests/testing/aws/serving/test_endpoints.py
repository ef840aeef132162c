"""Endpoints of the loopback AWS are processes, and tell about themselves as SageMaker does."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.testing.aws.serving.worlds import IMAGE, NEVER, World


def said(problem: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    error = problem.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_endpoint_is_created_and_then_in_service_with_what_its_config_says(world: World) -> None:
    world.model("doubles", factor=2)
    world.config("two-instances", "doubles", count=2)
    made = world.sagemaker.create_endpoint(EndpointName="first", EndpointConfigName="two-instances")
    assert made["EndpointArn"] == "arn:aws:sagemaker:us-east-1:123456789012:endpoint/first"
    assert world.described("first")["EndpointStatus"] == "Creating"
    found = world.settled("first")
    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == "two-instances"
    assert "FailureReason" not in found
    assert "PendingDeploymentSummary" not in found
    [variant] = found["ProductionVariants"]
    [image] = variant.pop("DeployedImages")
    assert image["SpecifiedImage"] == IMAGE
    assert variant == {
        "VariantName": "AllTraffic",
        "CurrentWeight": 1.0,
        "DesiredWeight": 1.0,
        "CurrentInstanceCount": 2,
        "DesiredInstanceCount": 2,
    }
    assert world.predicted("first", b"3\n4") == [6.0, 8.0]


def test_a_model_that_does_not_load_makes_the_endpoint_failed_in_sagemakers_words_and_is_logged(world: World) -> None:
    world.model("never", code=NEVER)
    world.sagemaker.create_endpoint(EndpointName="stillborn", EndpointConfigName="never")
    found = world.settled("stillborn")
    assert found["EndpointStatus"] == "Failed"
    assert found["FailureReason"] == (
        "The primary container for production variant AllTraffic did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
    assert "no such luck" in "\n".join(printed(world, "stillborn"))
    with pytest.raises(ClientError) as problem:
        world.invoke("stillborn")
    assert said(problem) == ("ValidationError", "Endpoint stillborn of account 123456789012 not found.")
    with pytest.raises(ClientError, match="it can be deleted, and nothing else"):
        world.sagemaker.update_endpoint(EndpointName="stillborn", EndpointConfigName="never")
    world.sagemaker.delete_endpoint(EndpointName="stillborn")


def test_a_model_that_is_not_in_the_bucket_is_named(world: World) -> None:
    world.model("lost")
    world.client("s3").delete_object(Bucket="models", Key="lost/model.tar.gz")
    world.sagemaker.create_endpoint(EndpointName="lost", EndpointConfigName="lost")
    found = world.settled("lost")
    assert found["EndpointStatus"] == "Failed"
    assert 'from URL: "s3://models/lost/model.tar.gz"' in found["FailureReason"]


def test_what_a_container_prints_is_in_cloudwatch_while_it_runs(world: World) -> None:
    world.serving("talks", world.model("talkative"))
    end = time.monotonic() + 10
    while "loading from /opt/ml/model" not in printed(world, "talks"):
        assert time.monotonic() < end
        time.sleep(0.05)
    [stream] = world.client("logs").describe_log_streams(logGroupName="/aws/sagemaker/Endpoints/talks")["logStreams"]
    assert stream["logStreamName"].startswith("AllTraffic/i-")


def test_an_update_serves_the_new_model_under_the_same_name_and_is_refused_while_another_is_under_way(
    world: World,
) -> None:
    world.serving("moves", world.model("threefold", factor=3))
    world.model("fourfold", factor=4)
    before = world.described("moves")
    world.sagemaker.update_endpoint(EndpointName="moves", EndpointConfigName="fourfold")
    during = world.described("moves")
    assert during["EndpointStatus"] == "Updating"
    assert during["EndpointConfigName"] == "threefold"
    assert during["PendingDeploymentSummary"]["EndpointConfigName"] == "fourfold"
    for change in (world.sagemaker.update_endpoint, world.sagemaker.delete_endpoint):
        config = {"EndpointConfigName": "threefold"} if change == world.sagemaker.update_endpoint else {}
        with pytest.raises(ClientError) as problem:
            change(EndpointName="moves", **config)
        code, message = said(problem)
        assert code == "ValidationException"
        assert message == f'Cannot update in-progress endpoint "{before["EndpointArn"]}".'
    assert world.predicted("moves") == [3.0]
    after = world.settled("moves")
    assert after["EndpointStatus"] == "InService"
    assert after["EndpointConfigName"] == "fourfold"
    assert after["CreationTime"] == before["CreationTime"]
    assert after["LastModifiedTime"] > before["LastModifiedTime"]
    assert "PendingDeploymentSummary" not in after
    assert world.predicted("moves") == [4.0]


def test_an_update_whose_container_does_not_come_up_leaves_the_old_one_in_service_and_says_why(world: World) -> None:
    world.serving("stays", world.model("fivefold", factor=5))
    world.model("broken", code=NEVER)
    world.sagemaker.update_endpoint(EndpointName="stays", EndpointConfigName="broken")
    found = world.settled("stays")
    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == "fivefold"
    assert "did not pass the ping health check" in found["FailureReason"]
    assert world.predicted("stays") == [5.0]
    world.sagemaker.update_endpoint(EndpointName="stays", EndpointConfigName="fivefold")
    assert "FailureReason" not in world.settled("stays")


def test_a_deleted_endpoint_is_gone_with_its_process_and_its_name_is_free(world: World) -> None:
    world.serving("short-lived", world.model("sixfold", factor=6))
    assert listed(world, "short-lived")
    with pytest.raises(ClientError) as problem:
        world.sagemaker.create_endpoint(EndpointName="short-lived", EndpointConfigName="sixfold")
    assert "Cannot create already existing endpoint" in said(problem)[1]
    world.sagemaker.delete_endpoint(EndpointName="short-lived")
    with pytest.raises(ClientError) as problem:
        world.described("short-lived")
    code, message = said(problem)
    assert code == "ValidationException"
    assert message.startswith("Could not find endpoint")
    assert not listed(world, "short-lived")
    world.serving("short-lived", "sixfold")


@pytest.mark.parametrize("kind", ["create_endpoint", "update_endpoint"])
def test_a_config_that_is_not_there_is_refused(world: World, kind: str) -> None:
    name = "nobody" if kind == "create_endpoint" else world.serving("somebody", world.model("sevenfold"))
    with pytest.raises(ClientError) as problem:
        getattr(world.sagemaker, kind)(EndpointName=name, EndpointConfigName="nothing")
    assert said(problem)[1].startswith("Could not find endpoint configuration")


def printed(world: World, endpoint: str) -> list[str]:
    logs, group = world.client("logs"), f"/aws/sagemaker/Endpoints/{endpoint}"
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return []
    streams = [stream["logStreamName"] for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]]
    found: list[str] = []
    for stream in streams:
        events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
        found += [event["message"] for event in events]
    return found


def listed(world: World, endpoint: str) -> list[dict[str, Any]]:
    return [found for found in world.sagemaker.list_endpoints()["Endpoints"] if found["EndpointName"] == endpoint]
