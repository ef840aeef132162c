"""Autoscaling of an endpoint's instances, by what each of them is asked."""

from __future__ import annotations

from typing import Any

from mlops_ci.adapters.aws.requests.endpoints import VARIANT
from mlops_ci.model.rollout import Autoscaling

POLICY = "mlops-ci-invocations"


def target(endpoint: str) -> dict[str, str]:
    """Return what names the number of an endpoint's instances in Application Auto Scaling."""
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{VARIANT}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def registration(endpoint: str, scaling: Autoscaling) -> dict[str, Any]:
    """Return the request that lets the number scale."""
    return {**target(endpoint), "MinCapacity": scaling.min, "MaxCapacity": scaling.max}


def policy(endpoint: str, scaling: Autoscaling) -> dict[str, Any]:
    """Return the request that says when it scales."""
    return {
        **target(endpoint),
        "PolicyName": POLICY,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": scaling.invocations,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            "ScaleInCooldown": scaling.scale_in,
            "ScaleOutCooldown": scaling.scale_out,
        },
    }
