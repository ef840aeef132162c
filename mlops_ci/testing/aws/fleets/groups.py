"""The instances of one endpoint config: a process a variant, whatever number of instances it stands for."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from mlops_ci.testing.aws.fleets.configs import Config
from mlops_ci.testing.aws.fleets.instances import Instance, NotHealthy
from mlops_ci.testing.aws.fleets.packages import fetch
from mlops_ci.testing.aws.fleets.places import Place


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


@dataclass(frozen=True, slots=True)
class Setting:
    """What the instances of an endpoint need: where it is, a folder, the environment, and who says that all is over."""

    endpoint: str
    place: Place
    folder: Path
    environment: tuple[tuple[str, str], ...]
    is_over: threading.Event

    def raised(self, config: Config, watch: Callable[[Instance], None]) -> Group:
        """Return a group whose containers all answer their pings. `watch` is told of each instance as it starts.

        Raises:
            NotHealthy: one did not, with the words of FailureReason; by then all have ended.

        """
        group = Group(config, capacities={v.name: Capacity(v.count, v.count, v.weight) for v in config.variants})
        try:
            for variant in config.variants:
                instance = Instance(self.endpoint, variant, self.place, self.folder)
                group.instances[variant.name] = instance
                watch(instance)
                self._start(instance)
            for instance in group.instances.values():
                _checked(instance, partial(instance.wait, self.is_over))
        except BaseException:
            group.stop()
            raise
        return group

    def _start(self, instance: Instance) -> None:
        archive = self.folder / f"{instance.name}.tar.gz"
        try:
            asked = fetch(self.place, instance.variant.container, archive)
            _checked(instance, lambda: instance.start(archive, {**dict(self.environment), **asked}))
        finally:
            archive.unlink(missing_ok=True)


def _checked(instance: Instance, act: Callable[[], None]) -> None:
    try:
        act()
    except NotHealthy as cause:
        raise NotHealthy(unhealthy(instance.variant.name)) from cause


def unhealthy(variant: str) -> str:
    """Return SageMaker's words for a container that does not come up."""
    return (
        f"The primary container for production variant {variant} did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
