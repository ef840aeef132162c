"""What goes wrong on AWS, as values: injected into a loopback, they happen to the calls that they fit."""

from __future__ import annotations

import dataclasses
import random
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, TypeAlias, TypeVar

ALL = "*"


@dataclass(frozen=True, slots=True)
class Throttled:
    """A share of the calls (0 to 1) is told to slow down, before anything is done.

    `action` is `SERVICE:OPERATION`, with `*`; here and in every other fault.
    """

    share: float = 0.3
    seed: int = 0
    action: str = ALL
    times: int = 0
    """How often it happens; 0 for until it is taken back. The same for every fault."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset after the server acted."""

    action: str = ALL
    times: int = 1


@dataclass(frozen=True, slots=True)
class Slow:
    """An answer takes that many seconds longer."""

    seconds: float
    action: str = ALL
    times: int = 0


@dataclass(frozen=True, slots=True)
class Stale:
    """A describe call shows what was true `calls` calls or `seconds` ago.

    The first `missing` of them after Create find nothing.
    """

    calls: int = 0
    seconds: float = 0.0
    missing: int = 1
    action: str = "*:Describe*"
    times: int = 0


@dataclass(frozen=True, slots=True)
class Expired:
    """The credentials have expired."""

    action: str = ALL
    times: int = 0


@dataclass(frozen=True, slots=True)
class Denied:
    """A right is missing: `action` as IAM names it, such as `sagemaker:CreateTrainingJob`."""

    action: str
    principal: str = "arn:aws:sts::123456789012:assumed-role/ci/mlops-ci"
    times: int = 0


@dataclass(frozen=True, slots=True)
class NoCapacity:
    """AWS takes the request, and then has no machine of the type: the job or the endpoint fails."""

    instance_type: str = ALL
    times: int = 0


@dataclass(frozen=True, slots=True)
class NotInRegion:
    """The region has no such type of instance, and says so at once."""

    instance_type: str
    code: str = "ResourceLimitExceeded"
    times: int = 0


@dataclass(frozen=True, slots=True)
class LimitExceeded:
    """The account may use `limit` instances of a type at a time, and all are in use."""

    instance_type: str = ALL
    limit: int = 0
    times: int = 0


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The spot instance of a training job whose name fits is taken back `after` seconds after its container started."""

    job: str = ALL
    after: float = 1.0
    times: int = 1


Fault: TypeAlias = (
    Throttled | Reset | Slow | Stale | Expired | Denied | NoCapacity | NotInRegion | LimitExceeded | Interrupted
)
_Kind = TypeVar("_Kind", bound=Fault)

KINDS: Mapping[str, type[Fault]] = {
    "throttled": Throttled,
    "reset": Reset,
    "slow": Slow,
    "stale": Stale,
    "expired": Expired,
    "denied": Denied,
    "no-capacity": NoCapacity,
    "not-in-region": NotInRegion,
    "limit-exceeded": LimitExceeded,
    "interrupted": Interrupted,
}
"""The names of the faults in JSON."""


@dataclass(slots=True, eq=False)
class _Active:
    fault: Fault
    left: int
    chance: random.Random


@dataclass(slots=True)
class Faults:
    """The faults of a loopback. Safe to use from any thread."""

    _active: list[_Active] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def inject(self, *faults: Fault) -> None:
        """Have these happen from now on, after those that are there."""
        with self._lock:
            for fault in faults:
                seed = fault.seed if isinstance(fault, Throttled) else 0
                self._active.append(_Active(fault, fault.times or -1, random.Random(seed)))  # noqa: S311 - a seeded share

    def clear(self) -> None:
        """Have nothing go wrong any more."""
        with self._lock:
            self._active.clear()

    def current(self) -> tuple[Fault, ...]:
        """Return what may still happen."""
        with self._lock:
            return tuple(active.fault for active in self._active)

    def first(self, kind: type[_Kind]) -> _Kind | None:
        """Return the first fault of a kind, and use nothing up."""
        return next((fault for fault in self.current() if isinstance(fault, kind)), None)

    def take(self, kind: type[_Kind], fits: Callable[[_Kind], bool]) -> _Kind | None:
        """Return the first fault of a kind that fits and happens now, and count it as happened."""
        with self._lock:
            for active in self._active:
                fault = active.fault
                if not isinstance(fault, kind) or not fits(fault):
                    continue
                if isinstance(fault, Throttled) and active.chance.random() >= fault.share:
                    continue
                active.left -= 1
                if active.left == 0:
                    self._active.remove(active)
                return fault
        return None

    def no_capacity(self, instance_type: str) -> bool:
        """Tell whether AWS has no machine of a type just now; asked by what starts jobs and endpoints."""
        return self.take(NoCapacity, lambda fault: fnmatchcase(instance_type, fault.instance_type)) is not None

    def interruption(self, job: str) -> float | None:
        """Return after how many seconds a training job's spot instance is taken back, None for never."""
        taken = self.take(Interrupted, lambda fault: fnmatchcase(job, fault.job))
        return None if taken is None else taken.after


def from_json(items: Iterable[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Return faults of their JSON, `{"fault": "throttled", "share": 0.3}`. Raises ValueError where one is unknown."""
    return tuple(_fault(dict(item)) for item in items)


def as_json(fault: Fault) -> dict[str, Any]:
    """Return a fault as JSON."""
    name = next(name for name, kind in KINDS.items() if kind is type(fault))
    return {"fault": name, **dataclasses.asdict(fault)}


def _fault(item: dict[str, Any]) -> Fault:
    name = item.pop("fault", None)
    kind = KINDS.get(name)
    if kind is None:
        raise ValueError(f"`{name}` is no fault; expected one of: {', '.join(KINDS)}")
    known = {one.name for one in dataclasses.fields(kind)}
    if not known >= item.keys():
        raise ValueError(f"`{name}` has no `{min(item.keys() - known)}`; expected: {', '.join(sorted(known))}")
    try:
        return kind(**item)
    except TypeError as cause:
        raise ValueError(f"`{name}`: {cause}") from cause
