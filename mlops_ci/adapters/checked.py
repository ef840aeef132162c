"""The files of a job's code, read and compared with what they were fingerprinted by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from mlops_ci.errors import InputsMoved, ProviderError
from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.model import Tree
from mlops_ci.ports.jobs import Code


def checked(code: Code, tree: Callable[[], Tree]) -> Iterator[tuple[str, bytes]]:
    """Yield (path in the code folder, bytes) of a code's files, in the code's order.

    Raises:
        InputsMoved: a file has other bytes than its blob id says, or is gone.
        ProviderError: a path leaves the code folder.

    """
    snapshot = tree()
    for file in code.files:
        if PurePosixPath(file.path).is_absolute() or ".." in PurePosixPath(file.path).parts:
            raise ProviderError(f"`{file.path}` leaves the code folder")
        try:
            content = snapshot.read(file.origin)
        except FileNotFoundError as error:
            raise _moved(file.origin, "is gone") from error
        if blob_id(content) != file.blob:
            raise _moved(file.origin, "was edited")
        yield file.path, content


def _moved(path: str, how: str) -> InputsMoved:
    return InputsMoved(f"`{path}` {how} since it was fingerprinted; nothing was started", hint="type the command again")
