"""Deployment guardrails: traffic moves in the shares that were asked for, and back when an alarm says so."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.testing.aws.serving.worlds import FAILS, TIMES, World

SLOW = TIMES.replace("time.sleep(", "time.sleep(0.3 + ")


def policy(kind: str, wait: int, *alarms: str, **more: object) -> dict[str, Any]:
    size: dict[str, object] = {key: more.pop(key) for key in ("CanarySize", "LinearStepSize") if key in more}
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **size}
    found: dict[str, Any] = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, **more}}
    if alarms:
        found["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": alarm} for alarm in alarms]}
    return found


def alarm(world: World, endpoint: str, metric: str, threshold: float, statistic: str = "Average") -> str:
    """Make an alarm on a minute of an endpoint's metric."""
    name = f"{endpoint}-{metric}"
    world.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}],
        Statistic=statistic,
        Period=60,
        EvaluationPeriods=1,
        Threshold=threshold,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    return name


def update(world: World, endpoint: str, config: str, deployment: dict[str, Any]) -> None:
    world.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config, DeploymentConfig=deployment)


def baking(world: World, endpoint: str) -> str:
    """Return the message of the next bake."""

    def bakes(said: dict[str, Any]) -> bool:
        return "Baking" in [status["Status"] for status in statuses(said)]

    return str(statuses(world.until(endpoint, bakes))[0]["StatusMessage"])


def statuses(said: dict[str, Any]) -> list[dict[str, Any]]:
    variants = said.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
    return [status for variant in variants for status in variant.get("VariantStatus", [])]


@contextmanager
def traffic(world: World, endpoint: str) -> Iterator[list[tuple[float, Any]]]:
    """Give what is answered to clients that never pause: times and predictions, or what went wrong."""
    answers: list[tuple[float, Any]] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            try:
                answers.append((time.monotonic(), world.predicted(endpoint)[0]))
            except (ClientError, OSError) as problem:
                answers.append((time.monotonic(), problem))

    clients = [threading.Thread(target=ask) for _ in range(3)]
    for client in clients:
        client.start()
    try:
        yield answers
    finally:
        is_over.set()
        for client in clients:
            client.join()


def test_a_canary_gets_its_share_while_it_bakes_and_then_all(world: World) -> None:
    world.serving("canary", world.model("canary-one", factor=1))
    world.model("canary-two", factor=2)
    tenth = {"Type": "CAPACITY_PERCENT", "Value": 10}
    asked = policy("CANARY", 900, CanarySize=tenth, TerminationWaitInSeconds=60)
    update(world, "canary", "canary-two", asked)
    message = baking(world, "canary")
    assert message.startswith("Baking for 900 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity")
    found = [world.predicted("canary")[0] for _ in range(40)]
    assert found.count(2.0) == 4
    assert found.count(1.0) == 36
    said = world.settled("canary")
    assert said["EndpointConfigName"] == "canary-two"
    assert said["LastDeploymentConfig"] == asked
    assert {world.predicted("canary")[0] for _ in range(20)} == {2.0}


def test_linear_steps_shift_more_and_more(world: World) -> None:
    world.serving("linear", world.model("linear-one", factor=1))
    world.model("linear-two", factor=2)
    half = {"Type": "CAPACITY_PERCENT", "Value": 50}
    update(world, "linear", "linear-two", policy("LINEAR", 600, LinearStepSize=half))
    baking(world, "linear")
    found = [world.predicted("linear")[0] for _ in range(20)]
    assert found.count(2.0) == 10
    assert world.settled("linear")["EndpointConfigName"] == "linear-two"


def test_a_rolling_update_ends_with_the_new_config(world: World) -> None:
    world.model("roll-one", factor=1)
    world.serving("rolls", world.config("roll-before", "roll-one", count=2))
    world.model("roll-two", factor=2)
    world.config("roll-after", "roll-two", count=2)
    one = {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}, "WaitIntervalInSeconds": 600}
    update(world, "rolls", "roll-after", {"RollingUpdatePolicy": one})
    baking(world, "rolls")
    found = [world.predicted("rolls")[0] for _ in range(20)]
    assert found.count(2.0) == 10
    assert world.settled("rolls")["EndpointConfigName"] == "roll-after"


def test_errors_of_the_new_model_trip_the_alarm_and_everything_goes_back(world: World) -> None:
    world.serving("errs", world.model("good", factor=3))
    world.model("bad", code=FAILS)
    name = alarm(world, "errs", "Invocation5XXErrors", 0.2)
    half = {"Type": "CAPACITY_PERCENT", "Value": 50}
    seen = set()
    with traffic(world, "errs"):
        update(world, "errs", "bad", policy("CANARY", 3000, name, CanarySize=half))
        end = time.monotonic() + 30
        while (said := world.described("errs"))["EndpointStatus"] != "InService":
            seen.add(said["EndpointStatus"])
            assert time.monotonic() < end
    assert seen == {"Updating", "RollingBack"}
    assert said["EndpointConfigName"] == "good"
    assert name in said["FailureReason"]
    assert "PendingDeploymentSummary" not in said
    assert {world.predicted("errs")[0] for _ in range(20)} == {3.0}
    states = world.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert states[0]["StateReason"].startswith(("Threshold Crossed", "Threshold not crossed"))


def test_latency_of_the_new_model_trips_its_alarm_too(world: World) -> None:
    world.serving("slows", world.model("quick", factor=3))
    world.model("slow", code=SLOW)
    name = alarm(world, "slows", "ModelLatency", 250_000, "Maximum")
    with traffic(world, "slows"):
        update(world, "slows", "slow", policy("ALL_AT_ONCE", 3000, name))
        world.until("slows", lambda said: said["EndpointStatus"] != "Updating")
    said = world.settled("slows")
    assert said["EndpointConfigName"] == "quick"
    assert name in said["FailureReason"]


def test_an_alarm_that_somebody_sets_by_hand_is_heard_and_one_that_stays_quiet_lets_the_update_through(
    world: World,
) -> None:
    world.serving("watched", world.model("watched-one", factor=1))
    world.model("watched-two", factor=2)
    name = alarm(world, "watched", "Invocation4XXErrors", 0.5)
    update(world, "watched", "watched-two", policy("ALL_AT_ONCE", 3000, name))
    baking(world, "watched")
    world.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="by hand")
    said = world.settled("watched")
    assert said["EndpointConfigName"] == "watched-one"
    assert name in said["FailureReason"]
    world.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="OK", StateReason="by hand")
    update(world, "watched", "watched-two", policy("ALL_AT_ONCE", 20, name))
    assert world.settled("watched")["EndpointConfigName"] == "watched-two"


def test_an_alarm_that_is_not_there_is_refused(world: World) -> None:
    world.serving("unguarded", world.model("unguarded"))
    with pytest.raises(ClientError, match="mistyped"):
        update(world, "unguarded", "unguarded", policy("ALL_AT_ONCE", 0, "mistyped"))


def test_nobodys_request_is_dropped_while_fleets_are_swapped(world: World) -> None:
    world.serving("busy", world.model("busy-1", factor=1, DELAY="0.05"))
    world.model("busy-2", factor=2, DELAY="0.05")
    with traffic(world, "busy") as answers:
        for config in ("busy-2", "busy-1"):
            update(
                world, "busy", config, policy("LINEAR", 60, LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 25})
            )
            assert world.settled("busy")["EndpointConfigName"] == config
    given = [answer for _, answer in answers]
    assert {answer for answer in given if not isinstance(answer, Exception)} == {1.0, 2.0}
    assert [str(answer) for answer in given if isinstance(answer, Exception)] == []


def test_another_variant_name_is_refused_where_guardrails_are_asked_for_and_taken_where_not(world: World) -> None:
    world.serving("named", world.model("named", factor=1))
    world.config("renamed", "named", variant="Blue")
    with pytest.raises(ClientError, match="same variant name"):
        update(world, "named", "renamed", policy("ALL_AT_ONCE", 0))
    world.sagemaker.update_endpoint(EndpointName="named", EndpointConfigName="renamed")
    assert world.settled("named")["ProductionVariants"][0]["VariantName"] == "Blue"
    assert world.invoke("named")["InvokedProductionVariant"] == "Blue"


def test_requests_are_counted_in_cloudwatch(world: World) -> None:
    world.serving("counted", world.model("counted"))
    for _ in range(5):
        world.predicted("counted")
    found: dict[str, Any] = {}
    end = time.monotonic() + 10
    while found.get("Invocations", {}).get("Sum") != 5:
        assert time.monotonic() < end, found
        time.sleep(0.05)
        found = {
            name: statistics(world, "counted", name) for name in ("Invocations", "ModelLatency", "Invocation5XXErrors")
        }
    assert found["Invocation5XXErrors"]["Sum"] == 0
    assert found["Invocation5XXErrors"]["SampleCount"] == 5
    assert 0 < found["ModelLatency"]["Average"] < 5e6
    assert json.dumps(found)


def statistics(world: World, endpoint: str, metric: str) -> dict[str, Any]:
    now = time.time()
    answer = world.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}],
        StartTime=now - 600,
        EndTime=now + 60,
        Period=3600,
        Statistics=["Sum", "Average", "SampleCount"],
    )
    points: list[dict[str, Any]] = answer["Datapoints"]
    for point in points:
        point.pop("Timestamp")
    return points[0] if points else {}
