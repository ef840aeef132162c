"""The start of runners: through one process that this command starts once, or, where that is gone, each by itself."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from pathlib import Path
from threading import Lock, local

import mlops_ci
from mlops_ci.errors import ProviderError
from mlops_ci.runtime import jobfolder


class Runners:
    """Has runners begin in claimed folders, for any number of threads. See `mlops_ci.runtime.starter`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._channel: int | None = None
        self._begun = local()  # what the runner that this thread had begin last holds open

    def begin(self, folder: Path) -> None:
        """Have a runner begin in a claimed folder; one that began already, or begins at the same time, is as good.

        Raises:
            ProviderError: no runner could begin.

        """
        self._begun.life, life = _pipe()
        said, writer = _pipe()
        try:
            self._ask(folder, writer, life)
        finally:
            os.close(writer)
            os.close(life)
        if reason := said.read():
            raise _none_began(folder, reason)
        if not jobfolder.has_begun(folder):  # whom we asked was killed; who comes next is told by another
            with self._lock:
                self._channel = None
            launch(folder)

    def pause(self, seconds: float) -> None:
        """Wait as long, or until the job that this thread had begin last has ended."""
        life: _Reader | None = getattr(self._begun, "life", None)
        if life is None:
            time.sleep(seconds)
        elif life.is_closed(seconds):
            self._begun.life = None

    def _ask(self, folder: Path, writer: int, life: int) -> None:
        """Ask for a runner; where nobody takes it, that shows by a runner that never began."""
        path = os.fsencode(folder)
        with self._lock, suppress(OSError):
            if self._channel is None:
                self._channel = self._opened()
            with socket.socket(fileno=os.dup(self._channel)) as channel:
                socket.send_fds(channel, [jobfolder.HEADER.pack(len(path))], [writer, life])
                channel.sendall(path)

    def _opened(self) -> int:
        """Return our end of the channel to a process that starts runners; it is closed when nobody uses this."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            _python("mlops_ci.runtime.starter", stdin=theirs.fileno())
        channel = ours.detach()
        weakref.finalize(self, os.close, channel)
        return channel


class _Reader:
    """The end of a pipe to read from, closed when nobody knows it any more."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        weakref.finalize(self, os.close, pipe)

    def read(self) -> str:
        """Return all that is written until nobody can write any more."""
        said = b""
        while data := os.read(self._pipe, 1 << 16):
            said += data
        return said.decode(errors="replace")

    def is_closed(self, seconds: float) -> bool:
        """Return whether nobody can write any more, as soon as that is so and after that time at the latest."""
        poll = select.poll()
        poll.register(self._pipe, 0)
        return bool(poll.poll(seconds * 1000))


def _pipe() -> tuple[_Reader, int]:
    reader, writer = os.pipe()
    return _Reader(reader), writer


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
