"""What DescribeEndpoint answers, and what events tell."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from mlops_ci.testing.aws.fleets.configs import Capturing, Variant
from mlops_ci.testing.aws.fleets.endpoint import Endpoint
from mlops_ci.testing.aws.fleets.groups import Group


def described(endpoint: Endpoint) -> dict[str, Any]:
    """Return the answer of DescribeEndpoint; what is not so is left out, as AWS does."""
    with endpoint.lock:
        found: dict[str, Any] = {
            "EndpointName": endpoint.name,
            "EndpointArn": endpoint.arn,
            "EndpointConfigName": endpoint.config_name,
            "EndpointStatus": endpoint.status,
            "CreationTime": endpoint.created,
            "LastModifiedTime": endpoint.modified,
        }
        if endpoint.failure:
            found["FailureReason"] = endpoint.failure
        if endpoint.serving is not None:
            found["ProductionVariants"] = _variants(endpoint, endpoint.serving)
            if (capturing := endpoint.serving.config.capturing) is not None:
                found["DataCaptureConfig"] = _captured(capturing)
        if endpoint.last_deployment is not None:
            found["LastDeploymentConfig"] = endpoint.last_deployment
        if endpoint.pending is not None:
            found["PendingDeploymentSummary"] = endpoint.pending
    return found


def detail(endpoint: Endpoint) -> dict[str, Any]:
    """Return the `detail` of an event: times in milliseconds, the status in capitals, tags as a map."""
    said = described(endpoint)
    said.pop("LastDeploymentConfig", None)
    said.pop("DataCaptureConfig", None)
    status = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", said["EndpointStatus"]).upper()
    told: dict[str, Any] = _told({**said, "EndpointStatus": status})
    return {**told, "Tags": dict(endpoint.tags)}


def pending(config_name: str, group: Group | None, started: datetime, status: tuple[str, str]) -> dict[str, Any]:
    """Return a PendingDeploymentSummary; `status` is a variant's status and its message."""
    summary: dict[str, Any] = {"EndpointConfigName": config_name, "StartTime": started}
    variants = [] if group is None else [_variant(group, variant) for variant in group.config.variants]
    for variant in variants:
        variant["VariantStatus"] = [{"Status": status[0], "StatusMessage": status[1], "StartTime": started}]
    return summary | ({"ProductionVariants": variants} if variants else {})


def image(variant: Variant, resolved: datetime) -> dict[str, Any]:
    """Return a DeployedImage; the resolved one only where a digest is known, since no image is pulled here."""
    name = variant.container.image
    known = {"ResolvedImage": name} if "@sha256:" in name else {}
    return {"SpecifiedImage": name, **known, "ResolutionTime": resolved.replace(tzinfo=None)}


def _variants(endpoint: Endpoint, group: Group) -> list[dict[str, Any]]:
    found = [_variant(group, variant) for variant in group.config.variants]
    for variant in found:
        if (scaling := endpoint.scaling.get(variant["VariantName"])) is not None:
            status, message, started = scaling
            variant["VariantStatus"] = [{"Status": status, "StatusMessage": message, "StartTime": started}]
    return found


def _variant(group: Group, variant: Variant) -> dict[str, Any]:
    capacity = group.capacities[variant.name]
    found = {
        "VariantName": variant.name,
        "DeployedImages": [image(variant, group.resolved)],
        "CurrentWeight": capacity.weight,
        "DesiredWeight": capacity.weight,
    }
    if variant.serverless:
        settings = dict(variant.serverless)
        return found | {"CurrentServerlessConfig": settings, "DesiredServerlessConfig": settings}
    return found | {"CurrentInstanceCount": capacity.count, "DesiredInstanceCount": capacity.wanted}


def _captured(capturing: Capturing) -> dict[str, Any]:
    key = {"KmsKeyId": capturing.kms_key} if capturing.kms_key else {}
    return {
        "EnableCapture": capturing.is_enabled,
        "CaptureStatus": "Started" if capturing.is_enabled else "Stopped",
        "CurrentSamplingPercentage": capturing.percentage,
        "DestinationS3Uri": capturing.destination,
        # AWS always answers with a key here, an empty one where there is none; the SDK asks for the member.
        **(key or {"KmsKeyId": ""}),
    }


def _told(value: Any) -> Any:  # noqa: ANN401 - JSON to be
    match value:
        case datetime():
            return int(value.replace(tzinfo=UTC).timestamp() * 1000)
        case dict():
            return {name: _told(part) for name, part in value.items()}
        case list():
            return [_told(part) for part in value]
        case _:
            return value
