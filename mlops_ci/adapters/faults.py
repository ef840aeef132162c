"""What a disk says, as our errors with what to do next."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops_ci.errors import ProviderError

_HINTS = {
    errno.ENOSPC: "the disk is full: free some space, then type the command again",
    errno.EDQUOT: "the disk quota is used up: free some space, then type the command again",
    errno.EROFS: "the file system is read-only: choose a `store` on one that can be written",
    errno.EIO: "the disk, or the network it is on, failed: look at it, then type the command again",
    errno.ESTALE: "the network disk lost the file: type the command again",
    errno.ETIMEDOUT: "the network disk does not answer: look at it, then type the command again",
    errno.EFBIG: "files here may not grow so large: `ulimit -f`, or choose another `store`",
    errno.EACCES: "check who owns the folder: `ls -ld`, then `chown` or `chmod`",
    errno.EPERM: "check who owns the folder: `ls -ld`, then `chown` or `chmod`",
    errno.ENOTDIR: "a file stands where a folder is needed: move it away",
    errno.EISDIR: "a folder stands where a file is needed: move it away",
}


@contextmanager
def guarded(doing: str, path: Path | str) -> Iterator[None]:
    """Translate an operating system's error while `doing` something to `path`.

    Raises:
        ProviderError: it failed; names the path and what to do.

    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        hint = _HINTS.get(error.errno or 0, "run `mlops-ci doctor`")
        raise ProviderError(f"cannot {doing} `{error.filename or path}`: {reason}", hint=hint) from error
