"""Starts runners for one command: `python -m mlops_ci.runtime.starter`, whose standard input is a socket of it.

Starting an interpreter and reading our modules costs more than a small job; here it is paid once a command. A request
is the path of a claimed folder, and with it two pipes: one is closed when a runner has begun, the other when it has
ended. What is forked for it is a runner like any other (`runner.run`), with a session, a lock and an identity of its
own. It outlives the command and this process, which ends with the command. The command that starts this process returns
at once, so nobody has to wait for it.
"""

from __future__ import annotations

import encodings.ascii  # what every runner will need is read once, here
import gc
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

from mlops_ci.runtime import jobfolder
from mlops_ci.runtime.namespace import library
from mlops_ci.runtime.runner import run

_READ = (encodings.ascii, resource)


def main() -> int:
    """Return 0 in the process that was started; what it leaves behind goes on until its input ends."""
    if os.fork():
        return 0
    os.setsid()
    os.chdir("/")
    channel = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    library()
    signal.signal(signal.SIGCHLD, _reap)
    gc.disable()
    gc.freeze()  # so that a runner's collector does not copy pages that all of them share
    while (request := _received(channel)) is not None:
        folder, writer, life = request
        try:
            child = os.fork()
        except OSError as error:
            os.write(writer, f"{error}\n".encode())
        else:
            if not child:
                channel.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                gc.enable()
                run(folder, writer)
        os.close(writer)
        os.close(life)  # the runner's own stays open until it ends
    return 0


def _reap(_number: int, _frame: FrameType | None) -> None:
    """Take leave of runners that ended; how they did is in their folders."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _received(channel: socket.socket) -> tuple[Path, int, int] | None:
    """Return the folder and the two pipes of the next request; None when there will be none any more."""
    header, pipes, _, _ = socket.recv_fds(channel, jobfolder.HEADER.size, 2)
    if len(header) < jobfolder.HEADER.size or len(pipes) < 2:
        return None
    (size,) = jobfolder.HEADER.unpack(header)
    path = b""
    while len(path) < size:
        more = channel.recv(size - len(path))
        if not more:
            return None
        path += more
    return Path(os.fsdecode(path)), pipes[0], pipes[1]


if __name__ == "__main__":
    sys.exit(main())
