"""How many instances a variant has: told by UpdateEndpointWeightsAndCapacities, and by Application Auto Scaling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlops_ci.testing.aws.fleets import events
from mlops_ci.testing.aws.fleets.configs import Config
from mlops_ci.testing.aws.fleets.endpoint import Endpoint, now
from mlops_ci.testing.aws.fleets.places import Place

DIMENSION = "sagemaker:variant:DesiredInstanceCount"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a variant shall have; None where that stays."""

    variant: str
    count: int | None
    weight: float | None


def wishes(said: Iterable[Mapping[str, Any]]) -> tuple[Wish, ...]:
    """Return what DesiredWeightsAndCapacities say."""
    return tuple(
        Wish(item["VariantName"], item.get("DesiredInstanceCount"), item.get("DesiredWeight")) for item in said
    )


def scale(endpoint: Endpoint, wanted: tuple[Wish, ...]) -> None:
    """Make it so, and have the endpoint in service again; one process stands for any number of instances."""
    with endpoint.lock:
        capacities = endpoint.serving.capacities if endpoint.serving is not None else {}
        for wish in wanted:
            if wish.count is not None:
                capacities[wish.variant].wanted = wish.count
                message = f"Scaling out desired instance count to {wish.count}."
                endpoint.scaling[wish.variant] = ("Updating", message, now())
    events.emit(endpoint, events.DEPLOYMENT)
    with endpoint.lock:
        for wish in wanted:
            if wish.count is not None:
                capacities[wish.variant].count = wish.count
            if wish.weight is not None:
                capacities[wish.variant].weight = wish.weight
        endpoint.scaling.clear()
    endpoint.turn("InService")


def retained(endpoint: Endpoint, config: Config, excluded: frozenset[str]) -> Config:
    """Return a config with what RetainAllVariantProperties keeps of the serving one, but for the excluded kinds."""
    with endpoint.lock:
        serving = endpoint.serving
        if serving is None:
            return config
        capacities = {name: (capacity.count, capacity.weight) for name, capacity in serving.capacities.items()}
        capturing = serving.config.capturing
    variants = []
    for variant in config.variants:
        count, weight = capacities.get(variant.name, (variant.count, variant.weight))
        kept_count = variant.count if "DesiredInstanceCount" in excluded or variant.serverless else count
        variants.append(
            replace(variant, count=kept_count, weight=variant.weight if "DesiredWeight" in excluded else weight)
        )
    kept = config.capturing if "DataCaptureConfig" in excluded else capturing
    return replace(config, variants=tuple(variants), capturing=kept)


def resource(endpoint: str, variant: str) -> str:
    """Return the resource id that Application Auto Scaling knows a variant by."""
    return f"endpoint/{endpoint}/variant/{variant}"


def registered(place: Place, endpoint: str) -> tuple[str, ...]:
    """Return the variants of an endpoint that are scalable targets."""
    targets = place.scaling.targets.get(DIMENSION, {})
    return tuple(name.rpartition("/")[2] for name in targets if name.startswith(resource(endpoint, "")))


def deregister(place: Place, endpoint: str) -> None:
    """Take an endpoint's variants out of Application Auto Scaling, as DeleteEndpoint does, with their policies."""
    scaling = place.scaling
    for variant in registered(place, endpoint):
        name = resource(endpoint, variant)
        for policy in [policy for policy in scaling.policies.values() if policy.resource_id == name]:
            scaling.delete_scaling_policy(policy.policy_name, policy.service_namespace, name, DIMENSION)
        scaling.deregister_scalable_target("sagemaker", name, DIMENSION)


def bound(before: Config, after: Config, scaled: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scaled variants that an update would remove or give another instance type."""
    found = []
    for name in scaled:
        old, new = before.variant(name), after.variant(name)
        if new is None or (old is not None and old.instance != new.instance):
            found.append(name)
    return tuple(found)
