"""What a batch run needs beside the world: the files that it reads and writes."""

from __future__ import annotations

from mlops_ci.adapters.aws.objects import Objects
from mlops_ci.adapters.files.batches import FileBatches
from mlops_ci.executor.world import World
from mlops_ci.ports.batches import BatchFiles
from mlops_ci.wiring.place import Place, find


def batch_files(place: Place, world: World) -> BatchFiles:
    """Return the files of batch runs; paths begin where the command was started, and S3 is asked when it is named."""
    scratch = find(place.folder) / ".mlops-ci" / "batch"
    return FileBatches(place.folder, scratch, Objects(world.target.kms_key))
