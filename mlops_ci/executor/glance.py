"""What a survey needs of the world: the little that is made without looking at manifests, records or endpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from mlops_ci.plan.deployed import Deployed
from mlops_ci.ports.repository import Repository
from mlops_ci.ports.snapshots import Snapshots
from mlops_ci.ports.stores import RecordStore

if TYPE_CHECKING:
    from mlops_ci.executor.world import World

Item = TypeVar("Item")
Result = TypeVar("Result")


class Spread(Protocol):
    """Does the same work on many items, on as many cores as there are; results come in the items' order."""

    def __call__(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]: ...


@dataclass(frozen=True, slots=True)
class Glance:
    """`state` is what every model depends on beside its own things: our own code, the project's file, the software.

    `is_current` claims that the store has today's layout, and need not be brought up to date. `world` makes all the
    rest, which only a model that changed needs. `snapshot` names the snapshot of this target. `images` says where
    references of images lead now, as `ports.jobs.Images.digests`.
    """

    branch: str
    target: str
    pipelines: str
    is_private: bool
    is_current: bool
    state: str
    snapshot: str
    repository: Repository
    records: RecordStore
    describe: Callable[[], tuple[Deployed, ...]]
    snapshots: Snapshots
    images: Callable[[tuple[str, ...]], tuple[str, ...]]
    spread: Spread
    world: Callable[[], World]
