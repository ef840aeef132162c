"""The start of runners: through one process that this command starts once, or, where that is gone, each by itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import weakref
from contextlib import suppress
from pathlib import Path
from threading import Lock

import mlops_ci
from mlops_ci.errors import ProviderError
from mlops_ci.runtime import jobfolder
from mlops_ci.runtime.starter import HEADER


class Runners:
    """Has runners begin in claimed folders, for any number of threads. See `mlops_ci.runtime.starter`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._channel: int | None = None

    def begin(self, folder: Path) -> None:
        """Have a runner begin in a claimed folder; one that began already, or begins at the same time, is as good.

        Raises:
            ProviderError: no runner could begin.

        """
        if reason := self._asked(folder):
            raise _none_began(folder, reason)
        if not jobfolder.has_begun(folder):  # whom we asked was killed; who comes next is told by another
            with self._lock:
                self._channel = None
            launch(folder)

    def _asked(self, folder: Path) -> str:
        """Return why no runner began; empty where one did, or where nobody answered."""
        path = os.fsencode(folder)
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as said:
            try:
                with self._lock, suppress(OSError):  # a broken channel shows by a runner that never began
                    if self._channel is None:
                        self._channel = self._opened()
                    channel = socket.socket(fileno=os.dup(self._channel))
                    with channel:
                        socket.send_fds(channel, [HEADER.pack(len(path))], [writer])
                        channel.sendall(path)
            finally:
                os.close(writer)
            return said.read().decode(errors="replace")

    def _opened(self) -> int:
        """Return our end of the channel to a process that starts runners; it is closed when nobody uses this."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            _python("mlops_ci.runtime.starter", stdin=theirs.fileno())
        channel = ours.detach()
        weakref.finalize(self, os.close, channel)
        return channel


def launch(folder: Path) -> None:
    """Have a runner begin in a claimed folder, in a process started for it alone.

    Raises:
        ProviderError: no runner could begin.

    """
    done = _python("mlops_ci.runtime.runner", str(folder), stdin=subprocess.DEVNULL)
    if done.returncode:
        raise _none_began(folder, done.stderr.strip() or f"exit code {done.returncode}")


def _python(module: str, *arguments: str, stdin: int) -> subprocess.CompletedProcess[str]:
    house = Path(mlops_ci.__file__).parent.parent
    return subprocess.run(
        # Without `site` it starts twice as fast; it needs nothing but the standard library and us.
        [sys.executable, "-S", "-s", "-P", "-m", module, *arguments],
        env={"PYTHONPATH": str(house), "PATH": os.defpath},
        cwd="/",
        stdin=stdin,
        capture_output=True,
        text=True,
        # A group of its own: Ctrl-C ends the command, and a runner halfway into the world would be neither here nor
        # there.
        start_new_session=True,
        check=False,
    )


def _none_began(folder: Path, said: str) -> ProviderError:
    reason = said.strip().splitlines()[-1]
    return ProviderError(f"no runner began in `{folder}`: {reason}", detail=said, hint="`mlops-ci doctor`")
