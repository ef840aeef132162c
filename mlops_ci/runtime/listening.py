"""The endpoint's listening socket: its port is chosen once and kept in a file."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

HOST = "127.0.0.1"
BACKLOG = 1024


def listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback; port 0 lets the system choose.

    Raises:
        OSError: somebody else listens there.

    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((HOST, port))
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def port_of(listener: socket.socket) -> int:
    """Return the port a socket listens on."""
    return int(listener.getsockname()[1])


def kept(path: Path) -> int:
    """Return the port that was kept; 0 where none was."""
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text(encoding="ascii"))
    return 0
