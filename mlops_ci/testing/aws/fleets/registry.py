"""All endpoints of a loopback: what the API's operations do with them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from mlops_ci.testing.aws.fleets import events
from mlops_ci.testing.aws.fleets.capturing import Captures
from mlops_ci.testing.aws.fleets.configs import Config
from mlops_ci.testing.aws.fleets.endpoint import Endpoint
from mlops_ci.testing.aws.fleets.groups import Setting
from mlops_ci.testing.aws.fleets.invoking import Observed
from mlops_ci.testing.aws.fleets.metrics import Metrics, tripped
from mlops_ci.testing.aws.fleets.places import Place
from mlops_ci.testing.aws.fleets.rollout import Rollout
from mlops_ci.testing.aws.fleets.scaling import Wish, deregister, scale
from mlops_ci.testing.aws.fleets.shifting import Deployment
from mlops_ci.testing.aws.loopback import Loopback

TICK = 0.1
"""Seconds between two looks at what every endpoint printed and did."""


class Endpoints:
    """The endpoints of every account and region, by place and name."""

    def __init__(self, loopback: Loopback) -> None:
        self._loopback = loopback
        self._speed = loopback.settings.speed
        self._known: dict[tuple[Place, str], Endpoint] = {}
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._metrics = Metrics(self._speed)
        self._captures = Captures()
        self._is_over = threading.Event()
        self._loops = [threading.Thread(target=loop, daemon=True) for loop in (self._tick, self._attend)]
        for loop in self._loops:
            loop.start()

    def find(self, place: Place, name: str) -> Endpoint | None:
        """Return the endpoint of that name."""
        with self._lock:
            return self._known.get((place, name))

    def find_anywhere(self, name: str) -> Endpoint | None:
        """Return an endpoint of that name in whatever place: a request that is not signed names none."""
        with self._lock:
            return next((endpoint for (_, known), endpoint in self._known.items() if known == name), None)

    def create(self, place: Place, mirror: Any, config: Config) -> Endpoint:  # noqa: ANN401 - moto's class
        """Begin to create the endpoint that is moto's `mirror`, and return it as it is then: Creating."""
        name: str = mirror.endpoint_name
        setting = Setting(name, place, self._loopback, threading.Event())
        endpoint = Endpoint(setting, mirror, config.name, _told)
        with self._lock:
            self._known[place, name] = endpoint
        endpoint.tell()
        self._begin(endpoint, lambda: self._rollout(endpoint).create(config))
        return endpoint

    def update(self, endpoint: Endpoint, config: Config, deployment: Deployment, said: dict[str, Any] | None) -> bool:
        """Begin to update an endpoint, and return whether it may be; `said` is the DeploymentConfig as it came."""
        if not endpoint.begin("Updating", frozenset({"InService"})):
            return False
        endpoint.last_deployment = said
        self._begin(endpoint, lambda: self._rollout(endpoint).update(config, deployment))
        return True

    def scale(self, endpoint: Endpoint, wanted: tuple[Wish, ...]) -> bool:
        """Begin to give an endpoint other capacities, and return whether it may be."""
        if not endpoint.begin("Updating", frozenset({"InService"})):
            return False
        self._begin(endpoint, lambda: scale(endpoint, wanted))
        return True

    def delete(self, endpoint: Endpoint) -> bool:
        """Begin to end an endpoint, and return whether it may be; its processes answer what is under way."""
        if not endpoint.begin("Deleting", frozenset({"InService", "Failed", "OutOfService"})):
            return False
        deregister(endpoint.setting.place, endpoint.name)
        self._forget(endpoint)
        return True

    def observe(self, endpoint: Endpoint, seen: Observed) -> None:
        """Take note of a request that a container was asked."""
        self._metrics.add(endpoint, seen, endpoint.count(seen.instance.variant.name))
        if (capture := self._captures.of(endpoint, seen.instance)) is not None:
            capture.add(seen)

    def end(self) -> None:
        """End every endpoint, and return when none of their processes runs."""
        for endpoint in self._all():
            self._forget(endpoint)
        self._is_over.set()
        for thread in (*self._loops, *self._threads):
            thread.join()
        self._metrics.tell()

    def _forget(self, endpoint: Endpoint) -> None:
        endpoint.setting.is_over.set()
        endpoint.abort()
        with self._lock:
            self._known.pop((endpoint.setting.place, endpoint.name), None)

        def stop() -> None:
            for group in endpoint.take_out():
                endpoint.end(group)

        self._begin(endpoint, stop)

    def _rollout(self, endpoint: Endpoint) -> Rollout:
        return Rollout(endpoint, self._speed, partial(self._tripped, endpoint.setting.place))

    def _tripped(self, place: Place, names: tuple[str, ...]) -> str:
        self._metrics.evaluate(place)
        return tripped(place, names)

    def _begin(self, endpoint: Endpoint, act: Callable[[], None]) -> None:
        """Act in a thread; where it ends in a problem of our own, the endpoint fails and the problem is shown."""

        def run() -> None:
            try:
                act()
            except Exception as problem:
                endpoint.turn("Failed", failure=f"The loopback itself failed: {problem}")
                raise

        thread = threading.Thread(target=run, name=endpoint.name, daemon=True)
        self._threads = [running for running in self._threads if running.is_alive()] + [thread]
        thread.start()

    def _all(self) -> tuple[Endpoint, ...]:
        with self._lock:
            return tuple(self._known.values())

    def _attend(self) -> None:
        """Start what died again; that may take a while, so nothing else waits for it."""
        while not self._is_over.wait(TICK):
            for endpoint in self._all():
                endpoint.revive()

    def _tick(self) -> None:
        while not self._is_over.wait(TICK):
            known = self._all()
            for endpoint in known:
                if endpoint.setting.place.sagemaker.endpoints.get(endpoint.name) is endpoint.mirror:
                    endpoint.follow_logs()
                else:
                    self._forget(endpoint)  # moto was reset
            self._metrics.tell()
            for place in {endpoint.setting.place for endpoint in known}:
                self._metrics.evaluate(place)
            self._captures.flush_old()


def _told(endpoint: Endpoint) -> None:
    mirror = endpoint.mirror
    with endpoint.lock:
        mirror.endpoint_status = endpoint.status
        mirror.last_modified_time = endpoint.modified
        mirror.endpoint_config_name = endpoint.config_name
        endpoint.tags = {tag["Key"]: tag["Value"] for tag in mirror.tags or ()}
    events.emit(endpoint, events.STATE)
