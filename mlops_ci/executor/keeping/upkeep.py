"""What looking after a store needs: the world, and the ports that only this has a use for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from mlops_ci.executor.world import World
from mlops_ci.ports.stores import ArtifactStore, RecordStore
from mlops_ci.ports.upkeep import Another, Branches, Inventory, Pruning, Worksites


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Ports about the store itself; never a pull request's.

    `turn` is held by whoever merges into the store or takes something out: one at a time. `another` gives the store in
    a folder. `verify` raises where the store itself has other bytes than an artifact's digest says; `cores` is how many
    are verified at a time, those of at least `worth` bytes. `untrue` gives the names of what was derived from records
    and says something else than they do, once all were read; `address` is the store's, where it
    is in no folder.
    """

    world: World
    records: RecordStore
    artifacts: ArtifactStore
    inventory: Inventory
    pruning: Pruning
    branches: Branches
    worksites: Worksites
    turn: Callable[[], AbstractContextManager[None]]
    another: Callable[[str], Another]
    verify: Callable[[str], object]
    cores: int
    worth: int = 1 << 20
    untrue: Callable[[], tuple[str, ...]] = tuple
    address: str = ""
