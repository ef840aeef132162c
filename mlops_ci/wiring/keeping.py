"""What looking after a store needs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
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
from mlops_ci.wiring.stores import BucketStore
from mlops_ci.wiring.worlds import world_on


def upkeep_of(place: Place, target: str, is_cancelled: Callable[[], bool]) -> Upkeep:
    """Return what looking after the store of a target needs; raises as `Ground`."""
    ground = Ground(place, target)
    served = ground.served
    if isinstance(ground.store, BucketStore):
        return _far(ground, ground.store, is_cancelled)
    store = ground.store.folder()
    artifacts = ground.store.artifacts("")
    return Upkeep(
        world=world_on(ground, is_cancelled),
        records=ground.store.records(""),
        artifacts=artifacts,
        inventory=FolderInventory(store),
        pruning=FolderPruning(store),
        branches=GitBranches(ground.folder, place.environment),
        worksites=LocalWorksites(served, served / f"jobs{ground.suffix}"),
        turn=lambda: turn(store),
        another=lambda source: _another(place.folder, source, store),
        verify=artifacts.fetch,
        cores=cores(),
    )


def _far(ground: Ground, store: BucketStore, is_cancelled: Callable[[], bool]) -> Upkeep:
    """Return what looking after a store on S3 needs: it waits for the network, and takes no turns to put things there.

    What verifies reads every record by itself, so that packs are held against the records, and not taken for them.
    """
    from mlops_ci.adapters.aws.store.inventory import BucketInventory, NoPruning, Verifying
    from mlops_ci.adapters.aws.store.layout import Layout
    from mlops_ci.adapters.aws.store.memory import READERS, Memory
    from mlops_ci.adapters.aws.store.records import S3Records

    memory, served = Memory(asks=False), ground.served
    records = S3Records(Layout(store.bucket), memory)
    verifying = Verifying(store.bucket, memory)
    return Upkeep(
        world=world_on(ground, is_cancelled),
        records=records,
        artifacts=store.artifacts(""),
        inventory=BucketInventory(store.bucket, records),
        pruning=NoPruning(store.refusal()),
        branches=GitBranches(ground.folder, ground.place.environment),
        worksites=LocalWorksites(served, served / f"jobs{ground.suffix}"),
        turn=nullcontext,
        another=lambda source: _another(ground.place.folder, source, None),
        verify=verifying.verify,
        cores=READERS,
        worth=0,
        untrue=verifying.untrue,
        address=str(store.bucket.address),
    )


def _another(folder: Path, source: str, ours: Path | None) -> Another:
    """Return the store to copy from; raises `UsageError` where it is in no folder, and as `another`."""
    if is_remote(source):
        hint = f"aws s3 sync {source} FOLDER, then mlops-ci store merge FOLDER"
        raise UsageError(f"`store merge` copies from folders, and `{source}` is none", hint=hint)
    return another(Path(folder, source), ours)
