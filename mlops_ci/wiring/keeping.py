"""What looking after a store needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlops_ci.adapters.files.inventory import FolderInventory, FolderPruning
from mlops_ci.adapters.files.others import another, turn
from mlops_ci.adapters.git.branches import GitBranches
from mlops_ci.adapters.local.worksites import LocalWorksites
from mlops_ci.errors import UsageError
from mlops_ci.executor.keeping.upkeep import Upkeep
from mlops_ci.model.address import is_remote
from mlops_ci.ports.upkeep import Another
from mlops_ci.wiring.ground import Ground
from mlops_ci.wiring.place import Place, cores
from mlops_ci.wiring.worlds import world_on


def upkeep_of(place: Place, target: str, is_cancelled: Callable[[], bool]) -> Upkeep:
    """Return what looking after the store of a target needs; raises as `Ground`, and `UsageError` for one on S3."""
    ground = Ground(place, target)
    store = ground.store.folder()
    served = ground.folder / ".mlops-ci"
    return Upkeep(
        world=world_on(ground, is_cancelled),
        records=ground.store.records(""),
        artifacts=ground.store.artifacts(""),
        inventory=FolderInventory(store),
        pruning=FolderPruning(store),
        branches=GitBranches(ground.folder, place.environment),
        worksites=LocalWorksites(served, served / f"jobs{ground.suffix}"),
        turn=lambda: turn(store),
        another=lambda source: _another(place.folder, source, store),
        cores=cores(),
    )


def _another(folder: Path, source: str, ours: Path) -> Another:
    """Return the store to copy from; raises `UsageError` where it is in no folder, and as `another`."""
    if is_remote(source):
        hint = f"aws s3 sync {source} FOLDER, then mlops-ci store merge FOLDER"
        raise UsageError(f"`store merge` copies from folders, and `{source}` is none", hint=hint)
    return another(Path(folder, source), ours)
