"""What looking after a store needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlops_ci.adapters.files.inventory import FolderInventory, FolderPruning
from mlops_ci.adapters.files.layers import artifacts_of, records_of
from mlops_ci.adapters.files.others import another, turn
from mlops_ci.adapters.git.branches import GitBranches
from mlops_ci.adapters.local.worksites import LocalWorksites
from mlops_ci.executor.keeping.upkeep import Upkeep
from mlops_ci.wiring.ground import Ground
from mlops_ci.wiring.local import local_world
from mlops_ci.wiring.place import Place, cores


def upkeep_of(place: Place, target: str, is_cancelled: Callable[[], bool]) -> Upkeep:
    """Return what looking after the store of a target needs; raises as `Ground`."""
    ground = Ground(place, target)
    served = ground.folder / ".mlops-ci"
    return Upkeep(
        world=local_world(ground, is_cancelled),
        records=records_of(ground.store, ""),
        artifacts=artifacts_of(ground.store, ""),
        inventory=FolderInventory(ground.store),
        pruning=FolderPruning(ground.store),
        branches=GitBranches(ground.folder, place.environment),
        worksites=LocalWorksites(served, served / f"jobs{ground.suffix}"),
        turn=lambda: turn(ground.store),
        another=lambda source: another(Path(place.folder, source), ground.store),
        cores=cores(),
    )
