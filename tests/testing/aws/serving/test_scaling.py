"""Instances are counted, and Application Auto Scaling knows variants by their resource ids."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.testing.aws.serving.worlds import World

DIMENSION = "sagemaker:variant:DesiredInstanceCount"


def target(endpoint: str, variant: str = "AllTraffic") -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
        "ScalableDimension": DIMENSION,
    }


def counts(said: dict[str, Any]) -> tuple[int, int]:
    [variant] = said["ProductionVariants"]
    return variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]


def test_an_endpoint_is_given_other_capacities_without_being_replaced(world: World) -> None:
    world.serving("grows", world.model("grows", factor=2))
    wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 3, "DesiredWeight": 0.5}]
    world.sagemaker.update_endpoint_weights_and_capacities(EndpointName="grows", DesiredWeightsAndCapacities=wanted)
    said = world.settled("grows")
    assert counts(said) == (3, 3)
    assert said["ProductionVariants"][0]["CurrentWeight"] == 0.5
    assert said["EndpointStatus"] == "InService"
    assert world.predicted("grows") == [2.0]
    wanted[0]["VariantName"] = "Other"
    with pytest.raises(ClientError, match="not present within endpoint configuration"):
        world.sagemaker.update_endpoint_weights_and_capacities(EndpointName="grows", DesiredWeightsAndCapacities=wanted)


def test_a_target_below_its_minimum_grows_and_its_policy_is_kept_until_the_endpoint_is_deleted(world: World) -> None:
    world.serving("scaled", world.model("scaled"))
    scaling = world.client("application-autoscaling")
    scaling.register_scalable_target(**target("scaled"), MinCapacity=2, MaxCapacity=4)
    assert counts(world.settled("scaled")) == (2, 2)
    tracking = {
        "TargetValue": 100.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    }
    scaling.put_scaling_policy(
        **target("scaled"),
        PolicyName="requests",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )
    [policy] = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert policy["ResourceId"] == "endpoint/scaled/variant/AllTraffic"
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 100.0
    world.sagemaker.delete_endpoint(EndpointName="scaled")
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []


def test_an_update_of_a_scaled_endpoint_is_taken_and_keeps_its_count_where_that_is_asked_for(world: World) -> None:
    world.serving("kept", world.model("kept-one", factor=1))
    world.model("kept-two", factor=2)
    world.client("application-autoscaling").register_scalable_target(**target("kept"), MinCapacity=2, MaxCapacity=4)
    world.settled("kept")
    world.sagemaker.update_endpoint(EndpointName="kept", EndpointConfigName="kept-two", RetainAllVariantProperties=True)
    assert counts(world.settled("kept")) == (2, 2)
    assert world.predicted("kept") == [2.0]
    world.sagemaker.update_endpoint(
        EndpointName="kept",
        EndpointConfigName="kept-one",
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredInstanceCount"}],
    )
    assert counts(world.settled("kept")) == (1, 1)


def test_a_scaled_variant_cannot_be_removed_before_it_is_deregistered(world: World) -> None:
    world.serving("bound", world.model("bound"))
    world.config("unbound", "bound", variant="Other")
    scaling = world.client("application-autoscaling")
    scaling.register_scalable_target(**target("bound"), MinCapacity=1, MaxCapacity=2)
    with pytest.raises(ClientError, match="must be deregistered as scalable target"):
        world.sagemaker.update_endpoint(EndpointName="bound", EndpointConfigName="unbound")
    scaling.deregister_scalable_target(**target("bound"))
    world.sagemaker.update_endpoint(EndpointName="bound", EndpointConfigName="unbound")
    assert world.settled("bound")["EndpointConfigName"] == "unbound"


def test_what_is_no_variant_is_no_target_and_what_is_no_target_has_no_policy(world: World) -> None:
    scaling = world.client("application-autoscaling")
    with pytest.raises(ClientError, match="endpoint/nobody/variant/AllTraffic"):
        scaling.register_scalable_target(**target("nobody"), MinCapacity=1, MaxCapacity=2)
    with pytest.raises(ClientError) as problem:
        scaling.put_scaling_policy(**target("nobody"), PolicyName="none", PolicyType="TargetTrackingScaling")
    assert problem.value.response["Error"]["Code"] == "ObjectNotFoundException"
