"""How a new version takes over, how many instances there are, and what is kept of requests."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum

from mlops_ci.model.effects import Effect, causes, section


class Shifting(Enum):
    """How traffic moves to a new version: at once, a part first, in equal parts, or instance by instance."""

    ALL_AT_ONCE = "all_at_once"
    CANARY = "canary"
    LINEAR = "linear"
    ROLLING = "rolling"


@dataclass(frozen=True, slots=True)
class Alarms:
    """What rolls a deployment back while it is watched; 0 watches nothing.

    `errors_5xx` counts answers of 5xx in a minute, `latency_ms` is the mean time of the model in a minute.
    """

    errors_5xx: int = causes(Effect.METADATA, default=5)
    latency_ms: float = causes(Effect.METADATA, default=10_000.0)


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a deployment goes, which changes nothing of what serves in the end.

    `size` is the percentage of traffic, or of instances, that a step moves, `interval` the seconds that each step is
    watched, `bake` those for which all traffic is watched before the old instances end.
    """

    strategy: Shifting = causes(Effect.METADATA, default=Shifting.ALL_AT_ONCE)
    size: int = causes(Effect.METADATA, default=10)
    interval: int = causes(Effect.METADATA, default=300)
    bake: int = causes(Effect.METADATA, default=300)
    alarms: Alarms = section(default=Alarms())

    @property
    def steps(self) -> int:
        """How many times traffic moves."""
        match self.strategy:
            case Shifting.ALL_AT_ONCE:
                return 1
            case Shifting.CANARY:
                return 2
            case Shifting.LINEAR | Shifting.ROLLING:
                return -(-100 // self.size)

    @property
    def waits(self) -> int:
        """Seconds that are waited in all, at most, beside what instances need to come up."""
        match self.strategy:
            case Shifting.ALL_AT_ONCE:
                return self.bake
            case Shifting.ROLLING:
                return self.interval * self.steps
            case Shifting.CANARY | Shifting.LINEAR:
                return self.interval * self.steps + self.bake


@dataclass(frozen=True, slots=True)
class Autoscaling:
    """Between how many instances an endpoint scales, so that each has `invocations` a minute.

    `scale_in` and `scale_out` are the seconds after which it may scale once more.
    """

    max: int = causes(Effect.REDEPLOY)
    min: int = causes(Effect.REDEPLOY, default=1)
    invocations: float = causes(Effect.REDEPLOY, default=1000.0)
    scale_in: int = causes(Effect.REDEPLOY, default=300)
    scale_out: int = causes(Effect.REDEPLOY, default=300)


@dataclass(frozen=True, slots=True)
class Capture:
    """What is kept of requests: a percentage of them, of the `kinds` `input` and `output`."""

    percent: int = causes(Effect.REDEPLOY, default=100)
    kinds: tuple[str, ...] = causes(Effect.REDEPLOY, default=("input", "output"))


def told(value: Autoscaling | Capture | None) -> str:
    """Return a value in one line, the same for equal values, as an endpoint tells what it has; empty for none."""
    if value is None:
        return ""
    found = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
    return " ".join(f"{name}={_told(item)}" for name, item in found)


def differences(before: str, after: str) -> tuple[tuple[str, str, str], ...]:
    """Return (name, old, new) of what differs between two values as they are told; the name is empty for all of one."""
    if before == after:
        return ()
    if not before or not after:
        return (("", before or "none", after or "none"),)
    old, new = (dict(part.partition("=")[::2] for part in one.split()) for one in (before, after))
    names = sorted({*old, *new})
    return tuple((name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name) != new.get(name))


def _told(item: float | tuple[str, ...]) -> str:
    return "+".join(sorted(item)) if isinstance(item, tuple) else f"{item:g}"
