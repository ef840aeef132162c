"""Starts runners for one command: `python -m mlops_ci.runtime.starter`, whose standard input is a socket of it.

Starting an interpreter and reading our modules costs more than a small job; here it is paid once a command. A request
is the path of a claimed folder, and with it a pipe; what is forked for it is a runner like any other (`runner.run`),
with a session, a lock and an identity of its own. It outlives the command and this process, which ends with the
command. The command that starts this process returns at once, so nobody has to wait for it.
"""

from __future__ import annotations

import ctypes  # what every runner will need is read once, here
import gc
import os
import signal
import socket
import struct
import sys
from pathlib import Path

from mlops_ci.runtime.runner import run

HEADER = struct.Struct("!I")
"""The length of a path in bytes, before it."""


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
    ctypes.CDLL(None)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # runners end when they like, and nobody asks how
    gc.disable()
    gc.freeze()  # so that a runner's collector does not copy pages that all of them share
    while (request := _received(channel)) is not None:
        folder, writer = request
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
    return 0


def _received(channel: socket.socket) -> tuple[Path, int] | None:
    """Return the folder and the pipe of the next request; None when there will be none any more."""
    header, pipes, _, _ = socket.recv_fds(channel, HEADER.size, 1)
    if len(header) < HEADER.size or not pipes:
        return None
    (size,) = HEADER.unpack(header)
    path = b""
    while len(path) < size:
        more = channel.recv(size - len(path))
        if not more:
            return None
        path += more
    return Path(os.fsdecode(path)), pipes[0]


if __name__ == "__main__":
    sys.exit(main())
