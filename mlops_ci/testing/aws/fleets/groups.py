"""The instances of one endpoint config: a process a variant, whatever number of instances it stands for."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mlops_ci.testing.aws.fleets.configs import Config
from mlops_ci.testing.aws.fleets.instances import Instance, NotHealthy
from mlops_ci.testing.aws.fleets.packages import fetch
from mlops_ci.testing.aws.fleets.places import Place
from mlops_ci.testing.aws.loopback import Loopback

NO_CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
    "Please retry using a different ML instance type or after some time."
)


@dataclass(slots=True)
class Capacity:
    """What a variant is scaled to now and shall be, and what share of traffic it weighs."""

    count: int
    wanted: int
    weight: float


@dataclass(slots=True)
class Group:
    """A config, its instances by variant, and their capacities."""

    config: Config
    instances: dict[str, Instance] = field(default_factory=dict)
    capacities: dict[str, Capacity] = field(default_factory=dict)
    resolved: datetime = field(default_factory=lambda: datetime.now(UTC))

    def total(self) -> int:
        """Return the number of instances that it stands for."""
        return sum(capacity.count for capacity in self.capacities.values())

    def choose(self, name: str | None) -> Instance | None:
        """Return the instance of a variant; without a name, of one drawn by weight. None where there is none."""
        if name is not None:
            return self.instances.get(name)
        names = list(self.instances)
        if len(names) == 1:
            return self.instances[names[0]]
        weights = [self.capacities[name].weight for name in names]
        return self.instances[random.choices(names, weights)[0]] if sum(weights) > 0 else None  # noqa: S311

    def stop(self) -> None:
        """End the processes, once nothing is under way in them."""
        threads = [threading.Thread(target=instance.stop) for instance in self.instances.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


_NO_CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a "
    "different ML instance type."
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What the instances of an endpoint need: where it is, and who says that all is over."""

    endpoint: str
    place: Place
    loopback: Loopback
    is_over: threading.Event

    def raised(self, config: Config, watch: Callable[[Instance], None]) -> Group:
        """Return a group whose containers all answer their pings. `watch` is told of each instance before it starts.

        Raises:
            NotHealthy: one did not, with the words of FailureReason; by then all have ended.

        """
        if any(self.loopback.faults.no_capacity(variant.instance) for variant in config.variants):
            raise NotHealthy(NO_CAPACITY)
        group = Group(config, capacities={v.name: Capacity(v.count, v.count, v.weight) for v in config.variants})
        try:
            for variant in config.variants:
                instance = Instance(self.endpoint, variant, self.place, self._folder)
                group.instances[variant.name] = instance
                watch(instance)
                self._start(instance)
        except BaseException:
            group.stop()
            raise
        return group

    @property
    def _folder(self) -> Path:
        return self.loopback.root / "endpoints"

    def _start(self, instance: Instance) -> None:
        variant, region = instance.variant, self.place.region
        if self.loopback.faults.no_capacity(variant.instance):
            raise NotHealthy(_NO_CAPACITY)
        archive = instance.folder / "model.tar.gz"
        fetch(self.place, variant.container, archive)
        environment = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region, **dict(variant.container.environment)}
        if self.is_over.is_set():
            raise NotHealthy("the endpoint is being ended")
        try:
            instance.start(self.loopback, archive, environment)
        except NotHealthy as cause:
            raise NotHealthy(unhealthy(variant.name)) from cause


def unhealthy(variant: str) -> str:
    """Return SageMaker's words for a container that does not come up."""
    return (
        f"The primary container for production variant {variant} did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
