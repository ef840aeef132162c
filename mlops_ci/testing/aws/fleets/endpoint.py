"""One endpoint: its state, and which instance answers the next request."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from mlops_ci.testing.aws.fleets.configs import Capturing
from mlops_ci.testing.aws.fleets.groups import Group, Setting
from mlops_ci.testing.aws.fleets.instances import Instance
from mlops_ci.testing.aws.fleets.shifting import Splitter

BUSY = frozenset({"Creating", "Updating", "RollingBack", "SystemUpdating"})


class Endpoint:
    """State and routes, each changed under one lock; every change of the status is told to `tell`."""

    def __init__(self, setting: Setting, mirror: Any, config_name: str, tell: Callable[[Endpoint], None]) -> None:  # noqa: ANN401
        self.setting = setting
        self.name = setting.endpoint
        self.arn: str = mirror.arn
        self.mirror = mirror
        """moto's own object, which its lists and tags read."""
        self.config_name = config_name
        self.status = "Creating"
        self.failure = ""
        self.created = self.modified = now()
        self.serving: Group | None = None
        self.coming: Group | None = None
        self.pending: dict[str, Any] | None = None
        self.scaling: dict[str, tuple[str, str, datetime]] = {}
        self.last_deployment: dict[str, Any] | None = None
        self.tags: dict[str, str] = {}
        self.lock = threading.RLock()
        self._share = 0.0
        self._splitter = Splitter()
        self._watched: list[Instance] = []
        self._tell = tell

    def turn(self, status: str, *, failure: str = "") -> None:
        """Change the status; `failure` is what FailureReason says from now on."""
        with self.lock:
            self.status = status
            self.failure = failure
            self.modified = now()
        self._tell(self)

    def begin(self, status: str, allowed: frozenset[str]) -> bool:
        """Change the status if it is one of these, and return whether it was; of two who try at once one succeeds."""
        with self.lock:
            if self.status not in allowed:
                return False
            self.status = status
            self.failure = ""
            self.modified = now()
        self._tell(self)
        return True

    def tell(self) -> None:
        """Tell what changed beside the status."""
        self._tell(self)

    def watch(self, instance: Instance) -> None:
        """Follow the log of an instance from now on."""
        with self.lock:
            self._watched.append(instance)

    def follow_logs(self) -> None:
        """Move what the containers printed to CloudWatch."""
        with self.lock:
            watched = tuple(self._watched)
        for instance in watched:
            instance.follow()

    def revive(self) -> None:
        """Start the processes again that died while they served."""
        with self.lock:
            serving = tuple(self.serving.instances.values()) if self.serving is not None else ()
        for instance in serving:
            instance.revive()

    def abort(self) -> None:
        """End the processes that are still on their way up, so that nobody waits for them."""
        with self.lock:
            ready = {id(i) for group in (self.serving, self.coming) if group for i in group.instances.values()}
            on_their_way = [instance for instance in self._watched if id(instance) not in ready]
        for instance in on_their_way:
            instance.abort()

    def shift(self, share: float) -> None:
        """Send this share of all requests to the coming group from now on."""
        with self.lock:
            self._share = share

    def put_in_service(self, group: Group) -> Group | None:
        """Make a group the one that serves, and return the one that did; nobody enters that any more."""
        with self.lock:
            before, self.serving, self.coming, self._share = self.serving, group, None, 0.0
            self.config_name = group.config.name
            return before

    def take_out(self) -> tuple[Group, ...]:
        """Send no request anywhere any more, and return the groups that were there."""
        with self.lock:
            found = tuple(group for group in (self.serving, self.coming) if group is not None)
            self.serving = self.coming = None
            return found

    def abandon(self) -> Group | None:
        """Send all requests to the serving group again, and return the one that was coming."""
        with self.lock:
            coming, self.coming, self._share = self.coming, None, 0.0
            return coming

    def end(self, group: Group | None) -> None:
        """Stop a group's processes; the requests in them are answered first."""
        if group is not None:
            group.stop()
            with self.lock:
                for instance in group.instances.values():
                    with suppress(ValueError):
                        self._watched.remove(instance)

    def entered(self, variant: str | None) -> Instance | None:
        """Return the instance for the next request, which is counted in already; None where no such variant serves."""
        with self.lock:
            group = self.serving
            if self.coming is not None and self._splitter.is_for_new(self._share):
                group = self.coming
            instance = group.choose(variant) if group is not None else None
            if instance is not None:
                instance.enter()
            return instance

    def count(self, variant: str) -> int:
        """Return the number of instances that a variant stands for; 1 where nobody knows it any more."""
        with self.lock:
            capacity = self.serving.capacities.get(variant) if self.serving is not None else None
            return capacity.count if capacity is not None else 1

    def has(self, variant: str) -> bool:
        """Return whether such a variant serves."""
        with self.lock:
            return self.serving is not None and variant in self.serving.instances

    def capturing(self, instance: Instance) -> Capturing | None:
        """Return what is to be captured of an instance's requests."""
        with self.lock:
            groups = [group for group in (self.serving, self.coming) if group is not None]
        found = next((group for group in groups if instance in group.instances.values()), None)
        asked = found.config.capturing if found is not None else None
        return asked if asked is not None and asked.is_enabled else None

    def last(self) -> dict[str, Any] | None:
        """Return the DeploymentConfig of the last update."""
        with self.lock:
            return copy.deepcopy(self.last_deployment)


def now() -> datetime:
    """Return the time as moto writes times: UTC, without saying so."""
    return datetime.now(UTC).replace(tzinfo=None)
