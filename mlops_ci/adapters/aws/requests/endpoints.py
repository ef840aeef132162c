"""Endpoints: their names, the config that says all of one, and how an update goes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mlops_ci.model.rollout import Capture, Rollout, Shifting, told
from mlops_ci.ports.endpoints import EndpointSpec

Request: TypeAlias = "dict[str, Any]"
Tags: TypeAlias = "dict[str, str]"

VARIANT = "AllTraffic"
"""The one production variant of each endpoint: an update that shifts traffic demands the same name before and after."""

STORE, ENVIRONMENT, MODEL = "mlops-ci:store", "mlops-ci:environment", "mlops-ci:model"
WANTED = "mlops-ci:wanted"
"""The tag that names the config which was asked for last: another one that serves tells of a deployment that failed."""
SCALING = "mlops-ci:autoscaling"
KEPT = 3
"""Configs that are kept of an endpoint, and their tags, so that after a rollback the old one is still told."""

_HEAD = 38
"""Characters for environment and model in a name: with two digests and a version the longest has the 63 that fit."""
_CONFIG = re.compile(r"mlops-ci:(v\d+-[0-9a-f]{8})")
STARTING = 1800
"""Seconds that instances may take to come up, beside what a rollout waits; the longest health check takes an hour."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an endpoint shall be: its name, the request of its config, and the spec that they follow from."""

    name: str
    config: Request
    spec: EndpointSpec

    @property
    def config_name(self) -> str:
        """The config's name, which ends in a digest of all that it says."""
        return str(self.config["EndpointConfigName"])

    @property
    def key(self) -> str:
        """The tag of the endpoint that says what serves by this config."""
        return tag_of(self.config_name, self.name)


def endpoint_name(store: str, environment: str, model: str) -> str:
    """Return the name of an endpoint; two that differ in store, environment or model have two names."""
    digest = hashlib.sha256(json.dumps([store, environment, model]).encode()).hexdigest()[:8]
    head = re.sub("[^a-zA-Z0-9]+", "-", f"{environment}-{model}")[:_HEAD].strip("-")
    return f"{head}-{digest}" if head else digest


def tag_of(config: str, endpoint: str) -> str:
    """Return the key of the tag that tells what a config serves."""
    return f"mlops-ci:{config.removeprefix(endpoint + '-')}"


def is_config_of(config: str, endpoint: str) -> bool:
    """Return whether a config is one of ours of this endpoint."""
    return config.startswith(f"{endpoint}-") and _CONFIG.fullmatch(tag_of(config, endpoint)) is not None


def wish(
    spec: EndpointSpec, name: str, *, model: str, capture_to: str, tags: list[Tags], volume_key: str, capture_key: str
) -> Wish:
    """Return what is asked for of the endpoint of that name.

    `model` is SageMaker's name of the package, `capture_to` the address that captures lie below.

    The keys of KMS encrypt the instances' volumes and the captures; empty: AWS's own. `tags` are those of everything.
    """
    variant = {
        "VariantName": VARIANT,
        "ModelName": model,
        "InstanceType": spec.instance,
        "InitialInstanceCount": _initial(spec),
        "InitialVariantWeight": 1.0,
    }
    config: Request = {"ProductionVariants": [variant]}
    if volume_key:
        config["KmsKeyId"] = volume_key
    if spec.capture is not None:
        config["DataCaptureConfig"] = _capture(spec.capture, f"{capture_to}/{name}", capture_key)
    said = json.dumps([config, contents(spec)], sort_keys=True)
    suffix = f"v{spec.version}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"
    config |= {"EndpointConfigName": f"{name}-{suffix}", "Tags": [*tags, *tagged(about(spec))]}
    return Wish(name, config, spec)


def contents(spec: EndpointSpec) -> str:
    """Return what the tag of a config tells: 256 characters at most, of those that a tag may have."""
    told_so = (
        ("package", spec.package.digest),
        ("workers", spec.workers),
        ("batching", "yes" if spec.batching else "no"),
        ("instance", spec.instance),
        ("count", spec.count),
        ("capture", told(spec.capture).replace(" ", "/").replace("=", ":")),
    )
    return " ".join(f"{name}={value}" for name, value in told_so)


def content_of(told_so: str) -> Tags:
    """Return what a tag tells, by name."""
    found = dict(part.partition("=")[::2] for part in told_so.split())
    if found.get("capture"):
        found["capture"] = found["capture"].replace(":", "=").replace("/", " ")
    return found


def creation(wished: Wish, tags: list[Tags]) -> Request:
    """Return the request that makes the endpoint; `tags` are those of everything that is made there."""
    return {
        "EndpointName": wished.name,
        "EndpointConfigName": wished.config_name,
        "Tags": [*tags, *tagged(about(wished.spec) | serving(wished))],
    }


def serving(wished: Wish) -> Tags:
    """Return the tags that an endpoint gets before it is asked for something."""
    return {wished.key: contents(wished.spec), WANTED: wished.key.removeprefix("mlops-ci:")}


def about(spec: EndpointSpec) -> Tags:
    """Return the tags of what is there for one endpoint."""
    return {ENVIRONMENT: spec.environment, MODEL: spec.model}


def tagged(tags: Mapping[str, str]) -> list[Tags]:
    """Return tags as AWS takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def surplus(tags: Mapping[str, str], serves: str) -> tuple[str, ...]:
    """Return the tags of configs that are not kept: not the one that serves, and not those of the newest versions."""
    found = sorted((key for key in tags if _CONFIG.fullmatch(key) and key != serves), key=_version, reverse=True)
    return tuple(found[KEPT - 1 :])


def configs_of(tags: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Return the names of the configs that the tags of endpoints, by their names, tell of."""
    return tuple(
        f"{name}-{key.removeprefix('mlops-ci:')}"
        for name, found in sorted(tags.items())
        for key in sorted(found)
        if _CONFIG.fullmatch(key)
    )


def _version(key: str) -> tuple[int, str]:
    return int(key.removeprefix("mlops-ci:v").partition("-")[0]), key


def update(wished: Wish, alarms: tuple[str, ...], *, keeps_count: bool) -> Request:
    """Return the request that updates the endpoint in place. `alarms` are the names of those that roll it back.

    `keeps_count` claims that the endpoint scales by itself, so that its instances are as many after as before.
    """
    request: Request = {
        "EndpointName": wished.name,
        "EndpointConfigName": wished.config_name,
        "DeploymentConfig": _deployment(wished.spec.rollout),
    }
    if alarms:
        request["DeploymentConfig"]["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in alarms]}
    if keeps_count:
        request["RetainAllVariantProperties"] = True
        request["ExcludeRetainedVariantProperties"] = [{"VariantPropertyType": "DataCaptureConfig"}]
    return request


def patience(rollout: Rollout) -> int:
    """Return the seconds after which a deployment is given up, as SageMaker is told: between 600 and 28,800."""
    return min(28_800, rollout.waits + STARTING)


def _deployment(rollout: Rollout) -> Request:
    size = {"Type": "CAPACITY_PERCENT", "Value": rollout.size}
    limit = {"MaximumExecutionTimeoutInSeconds": patience(rollout)}
    routing: Request = {"Type": rollout.strategy.name, "WaitIntervalInSeconds": rollout.interval}
    match rollout.strategy:
        case Shifting.ROLLING:
            rolling = {"MaximumBatchSize": size, "WaitIntervalInSeconds": rollout.interval}
            return {"RollingUpdatePolicy": rolling | limit}
        case Shifting.ALL_AT_ONCE:
            routing["WaitIntervalInSeconds"] = 0
        case Shifting.CANARY:
            routing["CanarySize"] = size
        case Shifting.LINEAR:
            routing["LinearStepSize"] = size
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": rollout.bake}
    return {"BlueGreenUpdatePolicy": policy | limit}


def _initial(spec: EndpointSpec) -> int:
    scaling = spec.autoscaling
    return spec.count if scaling is None else min(max(spec.count, scaling.min), scaling.max)


def _capture(capture: Capture, to: str, kms_key: str) -> Request:
    modes = {"input": "Input", "output": "Output"}
    request: Request = {
        "EnableCapture": True,
        "InitialSamplingPercentage": capture.percent,
        "DestinationS3Uri": to,
        "CaptureOptions": [{"CaptureMode": modes[kind]} for kind in sorted(capture.kinds)],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json", "application/jsonlines"],
        },
    }
    if kms_key:
        request["KmsKeyId"] = kms_key
    return request
