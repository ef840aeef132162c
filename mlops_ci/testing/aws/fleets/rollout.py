"""Creating and updating an endpoint, from its request to its end state; each runs in a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mlops_ci.testing.aws.fleets import events
from mlops_ci.testing.aws.fleets.configs import Config
from mlops_ci.testing.aws.fleets.describing import pending
from mlops_ci.testing.aws.fleets.endpoint import Endpoint, now
from mlops_ci.testing.aws.fleets.groups import Group
from mlops_ci.testing.aws.fleets.instances import NotHealthy
from mlops_ci.testing.aws.fleets.shifting import Deployment, Shift

TICK = 0.02
"""Seconds of ours between two looks at the alarms."""


class RolledBack(Exception):  # noqa: N818 - named after what will happen
    """The update must not go on; says why, in FailureReason's words."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """What leads an endpoint from one state to the next. `tripped` gives the first of some alarms that is in ALARM."""

    endpoint: Endpoint
    speed: float
    tripped: Callable[[tuple[str, ...]], str]

    def create(self, config: Config) -> None:
        """Bring the first group up: InService or Failed."""
        with self._leaving_nothing():
            self._create(config)

    def update(self, config: Config, deployment: Deployment) -> None:
        """Bring a new group up and shift the traffic to it; InService with it, or with the old one and the reason."""
        with self._leaving_nothing():
            self._update(config, deployment)

    @contextmanager
    def _leaving_nothing(self) -> Iterator[None]:
        """See to it that an endpoint that is ended meanwhile keeps no processes."""
        try:
            yield
        finally:
            if self.endpoint.setting.is_over.is_set():
                for group in self.endpoint.take_out():
                    self.endpoint.end(group)

    def _create(self, config: Config) -> None:
        try:
            group = self.endpoint.setting.raised(config, self.endpoint.watch)
        except NotHealthy as cause:
            self.endpoint.turn("Failed", failure=str(cause))
            return
        self.endpoint.put_in_service(group)
        self.endpoint.turn("InService")

    def _update(self, config: Config, deployment: Deployment) -> None:
        began = time.monotonic()
        waited = 0.0
        try:
            self._tell(config, None, ("Creating", f"Launching {sum(v.count for v in config.variants)} instance(s)."))
            group = self.endpoint.setting.raised(config, self.endpoint.watch)
            with self.endpoint.lock:
                self.endpoint.coming = group
            self._refuse_tripped(deployment.alarms)
            for shift in deployment.shifts:
                self._shift(group, shift)
                waited += shift.bake
                self._bake(deployment, shift)
                self._refuse_late(deployment, waited, began)
        except (NotHealthy, RolledBack) as cause:
            self._roll_back(str(cause))
            return
        before = self.endpoint.put_in_service(group)
        self.endpoint.end(before)
        self._settle("")

    def _shift(self, group: Group, shift: Shift) -> None:
        kind = "canary" if shift.is_canary else "full" if shift.share >= 1 else "partial"
        self._tell(
            group.config,
            group,
            ("ActivatingTraffic", f"Activating traffic on {kind} capacity of {shift.instances} instance(s)."),
        )
        self.endpoint.shift(shift.share)
        if shift.bake:
            message = (
                f"Baking for {shift.bake:g} seconds ({shift.waits}) with traffic enabled on {kind} capacity of "
                f"{shift.instances} instance(s)."
            )
            self._tell(group.config, group, ("Baking", message))

    def _refuse_late(self, deployment: Deployment, waited: float, began: float) -> None:
        """Count AWS's waits in full, and ours for containers as they are."""
        taken = waited + time.monotonic() - began - waited / self.speed
        if taken > deployment.limit:
            raise RolledBack(f"The deployment took longer than {deployment.limit:g} seconds.")

    def _bake(self, deployment: Deployment, shift: Shift) -> None:
        until = time.monotonic() + shift.bake / self.speed
        while True:
            self._refuse_tripped(deployment.alarms)
            left = until - time.monotonic()
            if left <= 0:
                return
            if self.endpoint.setting.is_over.wait(min(left, TICK)):
                raise RolledBack("The endpoint is being ended.")

    def _refuse_tripped(self, alarms: tuple[str, ...]) -> None:
        if alarms and (alarm := self.tripped(alarms)):
            raise RolledBack(
                f"Deployment rolled back to the previous endpoint configuration: the alarm `{alarm}` of "
                "AutoRollbackConfiguration went to ALARM."
            )

    def _roll_back(self, reason: str) -> None:
        self.endpoint.turn("RollingBack", failure=reason)
        coming = self.endpoint.abandon()
        self.endpoint.end(coming)
        self._settle(reason)

    def _settle(self, failure: str) -> None:
        with self.endpoint.lock:
            self.endpoint.pending = None
        self.endpoint.turn("InService", failure=failure)
        events.emit(self.endpoint, events.DEPLOYMENT)

    def _tell(self, config: Config, group: Group | None, status: tuple[str, str]) -> None:
        with self.endpoint.lock:
            self.endpoint.pending = pending(config.name, group, now(), status)
            self.endpoint.modified = now()
        events.emit(self.endpoint, events.DEPLOYMENT)
