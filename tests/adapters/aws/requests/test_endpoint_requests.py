"""What endpoints are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlops_ci.adapters.aws.requests.endpoints import (
    Wish,
    content_of,
    contents,
    creation,
    endpoint_name,
    is_config_of,
    patience,
    serving,
    surplus,
    update,
    wish,
)
from mlops_ci.model import Alarms, Autoscaling, Capture, Rollout, Shifting
from mlops_ci.model.rollout import told
from mlops_ci.ports.endpoints import EndpointSpec, Package
from mlops_ci.ports.jobs import Image
from tests.adapters.aws.requests.valid import KEY, problems

PACKAGE = Package("d" * 64, "m" * 64, "c" * 64, "inference.py", Image(), (), ())
LONG = EndpointSpec(
    "a-place-with-a-name-that-says-all-about-it", "and-a-model-whose-name-is-no-shorter-than-that", 99999, PACKAGE,
    workers=256, batching=True, instance="ml.r6gd.16xlarge", count=100,
    autoscaling=Autoscaling(100, 1, 12345.5, 3600, 3600), capture=Capture(100, ("input", "output")),
)  # fmt: skip
TAGS = [{"Key": "team", "Value": "churn"}]


def wished(spec: EndpointSpec = LONG, store: str = "s3://bucket/team") -> Wish:
    name = endpoint_name(store, spec.environment, spec.model)
    return wish(spec, name, model="m", capture_to=f"{store}/capture", tags=TAGS, volume_key=KEY, capture_key=KEY)


def values(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def test_the_longest_names_and_tags_are_still_taken() -> None:
    made = wished()
    assert problems("CreateEndpointConfig", made.config) == ()
    assert problems("CreateEndpoint", creation(made, TAGS)) == ()
    assert problems("UpdateEndpoint", update(made, ("a", "b"), keeps_count=True)) == ()
    assert is_config_of(made.config_name, made.name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("s3://a", "staging", "churn"), ("s3://b", "staging", "churn")),
        (("s3://a", "staging", "churn"), ("s3://a", "production", "churn")),
        (("s3://a", "a-b", "c"), ("s3://a", "a", "b-c")),
        (("s3://a", "staging", "x" * 60 + "1"), ("s3://a", "staging", "x" * 60 + "2")),
    ],
)
def test_two_endpoints_have_two_names(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert endpoint_name(*one) != endpoint_name(*other)


def test_a_config_s_name_follows_from_all_that_it_says() -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"count": 7}, {"instance": "ml.c5.large"}, {"workers": 2}, {"batching": False}, {"capture": None},
        {"version": 2}, {"package": replace(PACKAGE, digest="e" * 64)},
    )  # fmt: skip
    names = {wished().config_name, *(wished(replace(LONG, **change)).config_name for change in changes)}
    assert len(names) == 1 + len(changes)
    assert wished(replace(LONG, rollout=Rollout(Shifting.CANARY))).config_name == wished().config_name


def test_what_a_tag_tells_is_read_back() -> None:
    found = content_of(contents(LONG))
    assert found == {
        "package": "d" * 64, "workers": "256", "batching": "yes", "instance": "ml.r6gd.16xlarge", "count": "100",
        "capture": told(LONG.capture),
    }  # fmt: skip
    assert content_of(contents(replace(LONG, capture=None)))["capture"] == ""
    sent = values(creation(wished(), TAGS)["Tags"])
    assert {**sent, **serving(wished()), "team": "churn", "mlops-ci:model": LONG.model} == sent


@pytest.mark.parametrize("strategy", Shifting)
def test_each_way_of_taking_over_is_one_that_sagemaker_takes(strategy: Shifting) -> None:
    rollout = Rollout(strategy, size=20, interval=120, bake=600, alarms=Alarms())
    request = update(wished(replace(LONG, rollout=rollout)), ("errors",), keeps_count=False)
    assert problems("UpdateEndpoint", request) == ()
    deployment = request["DeploymentConfig"]
    assert deployment["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": "errors"}]}
    size = {"Type": "CAPACITY_PERCENT", "Value": 20}
    if strategy is Shifting.ROLLING:
        assert deployment["RollingUpdatePolicy"] == {
            "MaximumBatchSize": size, "WaitIntervalInSeconds": 120, "MaximumExecutionTimeoutInSeconds": 5 * 120 + 1800,
        }  # fmt: skip
        return
    policy = deployment["BlueGreenUpdatePolicy"]
    sized = {Shifting.CANARY: {"CanarySize": size}, Shifting.LINEAR: {"LinearStepSize": size}}.get(strategy, {})
    wait = 0 if strategy is Shifting.ALL_AT_ONCE else 120
    assert policy["TrafficRoutingConfiguration"] == {
        "Type": strategy.name, "WaitIntervalInSeconds": wait, **sized,
    }  # fmt: skip
    assert policy["TerminationWaitInSeconds"] == 600


def test_a_deployment_is_given_more_time_than_it_waits_and_never_more_than_sagemaker_gives() -> None:
    assert patience(Rollout(Shifting.LINEAR, size=10, interval=60, bake=100)) == 10 * 60 + 100 + 1800
    assert patience(Rollout(Shifting.LINEAR, size=5, interval=3600)) == 28_800


def test_of_the_tags_of_configs_the_serving_one_and_the_two_newest_others_stay() -> None:
    tags = {f"mlops-ci:v{n}-0000000{n % 10}": "" for n in range(1, 12)} | {"mlops-ci:wanted": "v11", "team": "churn"}
    gone = surplus(tags, "mlops-ci:v2-00000002")
    kept = sorted(key for key in tags if key not in gone)
    assert kept == ["mlops-ci:v10-00000000", "mlops-ci:v11-00000001", "mlops-ci:v2-00000002", "mlops-ci:wanted", "team"]
