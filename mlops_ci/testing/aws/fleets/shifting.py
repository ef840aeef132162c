"""How traffic moves from an old fleet to a new one: the steps of a DeploymentConfig, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LIMIT = 28_800
"""Seconds that an update may take where it does not say: the most that it could say."""

IN_PERCENT = "CAPACITY_PERCENT"


@dataclass(frozen=True, slots=True)
class Shift:
    """`instances` of the new fleet take `share` of all requests (0 to 1), for `bake` seconds with an eye on the alarms.

    `waits` is the setting that the seconds come from.
    """

    share: float
    instances: int
    bake: float
    waits: str
    is_canary: bool = False


@dataclass(frozen=True, slots=True)
class Deployment:
    """An update's shifts in order, the last of them to all traffic; `limit` in seconds."""

    shifts: tuple[Shift, ...]
    alarms: tuple[str, ...]
    limit: float
    is_rolling: bool = False


class Unfit(Exception):  # noqa: N818 - named after what it is
    """A DeploymentConfig that SageMaker refuses."""


def deployment(said: Mapping[str, Any] | None, instances: int) -> Deployment:
    """Return what a DeploymentConfig asks for, where the new fleet has so many instances.

    Raises:
        Unfit: it contradicts itself.

    """
    said = said or {}
    alarms = tuple(alarm["AlarmName"] for alarm in (said.get("AutoRollbackConfiguration") or {}).get("Alarms") or ())
    policy, rolling = said.get("BlueGreenUpdatePolicy"), said.get("RollingUpdatePolicy")
    if policy and rolling:
        raise Unfit("Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy may be given in a DeploymentConfig.")
    if rolling:
        found = Deployment(_rolled(rolling, instances), alarms, _limit(rolling), is_rolling=True)
    elif policy:
        found = Deployment(_blue_green(policy, instances), alarms, _limit(policy))
    else:
        found = Deployment((Shift(1.0, instances, 0.0, "WaitIntervalInSeconds"),), alarms, LIMIT)
    waits = sum(shift.bake for shift in found.shifts)
    if found.limit <= waits:
        raise Unfit(
            f"MaximumExecutionTimeoutInSeconds ({found.limit:g}) must be larger than the {waits:g} seconds that the "
            "deployment waits in total."
        )
    return found


def _limit(policy: Mapping[str, Any]) -> float:
    return float(policy.get("MaximumExecutionTimeoutInSeconds") or LIMIT)


def _blue_green(policy: Mapping[str, Any], instances: int) -> tuple[Shift, ...]:
    routing = policy["TrafficRoutingConfiguration"]
    wait = float(routing["WaitIntervalInSeconds"])
    size = routing.get({"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(routing["Type"], ""))
    if routing["Type"] != "ALL_AT_ONCE" and not size:
        raise Unfit(f"TrafficRoutingConfiguration of type {routing['Type']} needs a size.")
    full = Shift(1.0, instances, wait, "WaitIntervalInSeconds")
    match routing["Type"]:
        case "CANARY":
            before = [_part(_share(size, instances, most=0.5, what="CanarySize"), instances, wait, is_canary=True)]
        case "LINEAR":
            step = _share(size, instances, most=0.5, what="LinearStepSize")
            before = [_part(step * n, instances, wait) for n in range(1, 100) if step * n < 1 - 1e-9]
        case _:
            before = []
    after = float(policy.get("TerminationWaitInSeconds") or 0)
    last = [Shift(1.0, instances, after, "TerminationWaitInSeconds")] if after else []
    return (*before, full, *last)


def _rolled(policy: Mapping[str, Any], instances: int) -> tuple[Shift, ...]:
    wait = float(policy["WaitIntervalInSeconds"])
    batch = _share(policy["MaximumBatchSize"], instances, most=0.5, what="MaximumBatchSize")
    parts = [_part(batch * n, instances, wait) for n in range(1, 100) if batch * n < 1 - 1e-9]
    return (*parts, Shift(1.0, instances, wait, "WaitIntervalInSeconds"))


def _part(share: float, instances: int, wait: float, *, is_canary: bool = False) -> Shift:
    return Shift(share, max(1, round(share * instances)), wait, "WaitIntervalInSeconds", is_canary)


def _share(size: Mapping[str, Any], instances: int, *, most: float, what: str) -> float:
    """Return the part of the capacity that a CapacitySize means; one instance is always allowed."""
    value = int(size["Value"])
    share = value / 100 if size["Type"] == IN_PERCENT else value / instances
    if share > most + 1e-9 and not (size["Type"] != IN_PERCENT and value == 1):
        raise Unfit(f"{what} must be at most {most:.0%} of the fleet's capacity, got {value} {size['Type']}.")
    return min(share, 1.0)


class Splitter:
    """Divides calls in exact shares: of any ten calls at a share of 0.1, one is for the new fleet. Not thread-safe."""

    def __init__(self) -> None:
        self._credit = 0.0

    def is_for_new(self, share: float) -> bool:
        """Return whether the next call is for the new fleet."""
        if share >= 1:
            return True
        if share <= 0:
            return False
        self._credit += share
        if self._credit >= 1 - 1e-9:
            self._credit -= 1
            return True
        return False
