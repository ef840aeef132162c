"""What a DeploymentConfig asks for, as steps."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_ci.testing.aws.fleets.shifting import Splitter, Unfit, deployment


def blue_green(kind: str, wait: int = 60, **more: object) -> dict[str, Any]:
    size: dict[str, object] = {key: more.pop(key) for key in ("CanarySize", "LinearStepSize") if key in more}
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **size}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, **more}}


def shares(said: dict[str, Any] | None, instances: int) -> list[tuple[float, float]]:
    return [(round(shift.share, 6), shift.bake) for shift in deployment(said, instances).shifts]


def test_without_a_policy_all_traffic_moves_at_once_without_a_bake() -> None:
    assert shares(None, 3) == [(1.0, 0)]
    alarms = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}
    assert deployment(alarms, 1).alarms == ("errors",)


def test_all_at_once_bakes_and_then_waits_with_the_old_fleet_still_there() -> None:
    assert shares(blue_green("ALL_AT_ONCE", 300, TerminationWaitInSeconds=120), 2) == [(1.0, 300), (1.0, 120)]


def test_a_canary_is_a_share_of_the_capacity_or_a_number_of_instances() -> None:
    tenth = {"Type": "CAPACITY_PERCENT", "Value": 10}
    assert shares(blue_green("CANARY", CanarySize=tenth), 10) == [(0.1, 60), (1.0, 60)]
    one = {"Type": "INSTANCE_COUNT", "Value": 1}
    assert shares(blue_green("CANARY", CanarySize=one), 4) == [(0.25, 60), (1.0, 60)]
    [canary, _] = deployment(blue_green("CANARY", CanarySize=one), 4).shifts
    assert canary.is_canary
    assert canary.instances == 1


def test_linear_steps_add_up_to_all() -> None:
    third = {"Type": "CAPACITY_PERCENT", "Value": 33}
    found = shares(blue_green("LINEAR", LinearStepSize=third), 6)
    assert found == [(0.33, 60), (0.66, 60), (0.99, 60), (1.0, 60)]
    two = {"Type": "INSTANCE_COUNT", "Value": 2}
    assert shares(blue_green("LINEAR", LinearStepSize=two), 4) == [(0.5, 60), (1.0, 60)]


def test_a_rolling_update_replaces_batch_by_batch() -> None:
    policy = {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}, "WaitIntervalInSeconds": 30}
    found = deployment({"RollingUpdatePolicy": policy}, 3)
    assert [(round(shift.share, 2), shift.instances) for shift in found.shifts] == [(0.33, 1), (0.67, 2), (1.0, 3)]
    assert found.is_rolling


@pytest.mark.parametrize(
    ("said", "instances", "words"),
    [
        (blue_green("CANARY"), 2, "needs a size"),
        (blue_green("CANARY", CanarySize={"Type": "CAPACITY_PERCENT", "Value": 60}), 2, "at most 50%"),
        (blue_green("LINEAR", LinearStepSize={"Type": "INSTANCE_COUNT", "Value": 3}), 4, "at most 50%"),
        (
            blue_green("ALL_AT_ONCE", 700, MaximumExecutionTimeoutInSeconds=600),
            1,
            "must be larger than the 700 seconds",
        ),
        (blue_green("ALL_AT_ONCE") | {"RollingUpdatePolicy": {"WaitIntervalInSeconds": 0}}, 1, "Only one of"),
    ],
)
def test_what_contradicts_itself_is_refused(said: dict[str, Any], instances: int, words: str) -> None:
    with pytest.raises(Unfit, match=words):
        deployment(said, instances)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 1 / 3, 0.5, 0.99, 1.0])
def test_calls_are_divided_exactly(share: float) -> None:
    splitter = Splitter()
    found = sum(splitter.is_for_new(share) for _ in range(3000))
    assert found == pytest.approx(3000 * share, abs=1)
