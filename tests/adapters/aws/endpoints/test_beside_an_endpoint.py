"""What stands beside an endpoint: scaling, captures, and in the end nothing."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.endpoints.host import SageMakerEndpoints
from mlops_ci.adapters.aws.requests.scaling import target
from mlops_ci.adapters.aws.store.artifacts import S3Artifacts
from mlops_ci.model import Autoscaling, Capture
from mlops_ci.model.rollout import told
from tests.adapters.aws.endpoints.conftest import a_host, a_serving_package, endpoint_of
from tests.contracts.endpoints import PLACE, sent, settled, spec

SCALING = Autoscaling(min=2, max=4, invocations=70)


def targets(account: Account, endpoint: str) -> list[dict[str, Any]]:
    client = account.clients.of("application-autoscaling")
    ids = [target(endpoint)["ResourceId"]]
    found: list[dict[str, Any]] = client.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=ids)[
        "ScalableTargets"
    ]
    return found


def policies(account: Account, endpoint: str) -> list[dict[str, Any]]:
    client = account.clients.of("application-autoscaling")
    resource = target(endpoint)["ResourceId"]
    found: list[dict[str, Any]] = client.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=resource)[
        "ScalingPolicies"
    ]
    return found


def left(account: Account, endpoint: str) -> dict[str, int]:
    """Return how many things of each kind there are for an endpoint."""
    sagemaker, alarms = account.clients.of("sagemaker"), account.clients.of("cloudwatch")
    return {
        "endpoints": len(sagemaker.list_endpoints(NameContains=endpoint)["Endpoints"]),
        "configs": len(sagemaker.list_endpoint_configs(NameContains=endpoint)["EndpointConfigs"]),
        "models": len(sagemaker.list_models(NameContains=endpoint)["Models"]),
        "alarms": len(alarms.describe_alarms(AlarmNamePrefix=endpoint)["MetricAlarms"]),
        "targets": len(targets(account, endpoint)),
        "policies": len(policies(account, endpoint)),
    }


def test_an_endpoint_scales_as_the_manifest_says_until_it_says_nothing_of_it(
    host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts
) -> None:
    asked = replace(spec(a_serving_package(artifacts)), autoscaling=SCALING)
    host.apply(asked)
    assert settled(host).autoscaling == told(SCALING)
    name = endpoint_of(host)
    assert [(t["MinCapacity"], t["MaxCapacity"]) for t in targets(account, name)] == [(2, 4)]
    configured = policies(account, name)[0]["TargetTrackingScalingPolicyConfiguration"]
    assert configured["TargetValue"] == 70
    assert (
        account.clients.of("sagemaker").describe_endpoint(EndpointName=name)["ProductionVariants"][0][
            "DesiredInstanceCount"
        ]
        == 2
    )  # the manifest's one, as far as the bounds let it
    assert a_host(account, artifacts).describe()[0].autoscaling == told(SCALING)

    host.apply(replace(asked, autoscaling=replace(SCALING, max=6)))
    assert settled(host).autoscaling == told(replace(SCALING, max=6))
    assert targets(account, name)[0]["MaxCapacity"] == 6

    host.apply(replace(asked, autoscaling=None))
    assert settled(host).autoscaling == ""
    assert left(account, name) | {"targets": 0, "policies": 0} == left(account, name)


def test_a_new_version_keeps_the_instances_that_an_endpoint_scaled_to(
    host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts
) -> None:
    asked = replace(spec(a_serving_package(artifacts)), autoscaling=SCALING)
    host.apply(asked)
    settled(host)
    sagemaker, name = account.clients.of("sagemaker"), endpoint_of(host)
    wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 3}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=wanted)
    settled(host)
    host.apply(replace(asked, version=2, package=a_serving_package(artifacts, scale=2)))
    assert settled(host).version == 2
    variant = sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"][0]
    assert variant["DesiredInstanceCount"] == 3


def test_another_instance_is_taken_although_the_endpoint_scales(
    host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts
) -> None:
    asked = replace(spec(a_serving_package(artifacts)), autoscaling=SCALING)
    host.apply(asked)
    settled(host)
    host.apply(replace(asked, instance="ml.c5.large"))
    now = settled(host)
    assert (now.instance, now.autoscaling) == ("ml.c5.large", told(SCALING))
    assert len(policies(account, endpoint_of(host))) == 1


def test_requests_are_kept_below_the_store_as_asked(
    host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts
) -> None:
    capture = Capture(percent=100, kinds=("input",))
    host.apply(replace(spec(a_serving_package(artifacts)), capture=capture))
    assert settled(host).capture == told(capture)
    sent(host, "1,2")
    s3, until = account.clients.of("s3"), time.monotonic() + 30
    prefix = f"team/capture/{endpoint_of(host)}/"
    while not (found := s3.list_objects_v2(Bucket=account.address.bucket, Prefix=prefix).get("Contents")):
        assert time.monotonic() < until
        time.sleep(0.1)
    body = s3.get_object(Bucket=account.address.bucket, Key=found[0]["Key"])["Body"].read()
    kept = json.loads(body.splitlines()[0])["captureData"]
    assert list(kept) == ["endpointInput"]
    host.apply(spec(a_serving_package(artifacts)))
    assert settled(host).capture == ""


def test_of_many_versions_three_are_kept(host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts) -> None:
    for version in range(1, 6):
        host.apply(spec(a_serving_package(artifacts, scale=version), version))
        settled(host)
    found = left(account, endpoint_of(host))
    assert (found["configs"], found["models"]) == (3, 3)
    arn = account.clients.of("sagemaker").describe_endpoint(EndpointName=endpoint_of(host))["EndpointArn"]
    tags = account.clients.of("sagemaker").list_tags(ResourceArn=arn)["Tags"]
    assert sorted({t["Key"][9:11] for t in tags if t["Key"].startswith("mlops-ci:v")}) == ["v3", "v4", "v5"]


@pytest.mark.parametrize("is_known", [True, False])
def test_of_an_endpoint_that_is_deleted_nothing_is_left(
    host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts, *, is_known: bool
) -> None:
    asked = replace(spec(a_serving_package(artifacts)), autoscaling=SCALING, capture=Capture())
    host.apply(asked)
    settled(host)
    host.apply(replace(asked, version=2, package=a_serving_package(artifacts, scale=2)))
    settled(host)
    name = endpoint_of(host)
    before = left(account, name)
    assert before == {"endpoints": 1, "configs": 2, "models": 2, "alarms": 2, "targets": 1, "policies": 1}
    (host if is_known else a_host(account, artifacts)).delete(*PLACE)
    assert left(account, name) == dict.fromkeys(before, 0)


def test_who_was_killed_while_deleting_deletes_the_rest_when_asked_again(
    host: SageMakerEndpoints, account: Account, artifacts: S3Artifacts
) -> None:
    host.apply(spec(a_serving_package(artifacts)))
    settled(host)
    account.clients.of("sagemaker").delete_endpoint(EndpointName=endpoint_of(host))
    a_host(account, artifacts).delete(*PLACE)
    assert set(left(account, endpoint_of(host)).values()) == {0}
