"""Another store to copy from, and one at a time at work on the store itself."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.files.durable import TEMPORARY
from mlops_ci.adapters.files.layout import check
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.adapters.formats import PULL_REQUESTS
from mlops_ci.errors import TryAgain, UsageError
from mlops_ci.ports.upkeep import Another


def another(folder: Path, ours: Path | None) -> Another:
    """Return the store in a folder; `ours` is the folder of the one to copy to, None where it is in none.

    Raises:
        UsageError: there is none, it is ours, or it is what a pull request wrote.
        ProviderError: a newer mlops-ci wrote it.

    """
    if not (folder / "records").is_dir():
        hint = "name the folder that holds `records` and `artifacts`, such as OTHER/.mlops-ci/store"
        raise UsageError(f"`{folder}` is no store", hint=hint)
    if ours is not None and folder.resolve() == ours.resolve():
        raise UsageError(f"`{folder}` is this very store", hint="name another one")
    if folder.resolve().parent.name == PULL_REQUESTS:
        raise UsageError(
            f"`{folder}` is what a pull request wrote, and is not believed as it stands",
            hint="set `trust_pull_requests: true` in mlops-ci.yaml: its models count then, and are evaluated again",
        )
    check(folder)
    return Another(FolderRecords(folder), FolderArtifacts(folder))


@contextmanager
def turn(store: Path) -> Iterator[None]:
    """Be the only one who merges into a store or takes something out of it; a killed holder's turn is over.

    Raises:
        TryAgain: somebody else is.
        ProviderError: the store cannot be written.

    """
    place = store / TEMPORARY / "upkeep.lock"
    with guarded("write", place):
        place.parent.mkdir(parents=True, exist_ok=True)
        lock = place.open("ab")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            summary = f"another `store merge` or `store gc` is at work on `{store}`"
            raise TryAgain(summary, hint="wait for it, then type the command again") from error
        yield
