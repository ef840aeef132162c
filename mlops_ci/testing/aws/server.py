"""The server: moto's own, with our fillings in it, behind one socket of this machine."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from mlops_ci.testing.aws.gate import gated
from mlops_ci.testing.aws.holes import HOLES
from mlops_ci.testing.aws.loopback import Loopback, Settings


@contextmanager
def loopback(root: Path, *, port: int = 0, settings: Settings | None = None) -> Iterator[Loopback]:
    """Give a server that runs; what it started is ended with it.

    Only one can run in a process: moto's state is its modules'.

    Raises:
        OSError: somebody else listens at the port.

    """
    from moto.server import ThreadedMotoServer

    requests = logging.getLogger("werkzeug")  # a line a request, of which a test that polls makes hundreds
    level = requests.level
    requests.setLevel(logging.ERROR)
    if port:  # moto would wait for ever for a port that another has
        socket.create_server(("127.0.0.1", port)).close()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    host, bound = server.get_host_and_port()
    found = Loopback(f"http://{host}:{bound}", root, settings or Settings())
    ends: list[Callable[[], None]] = []
    http: Any = server._server  # noqa: SLF001 - what listens is nowhere else
    # moto lists its own folder anew for each request, to see which service a host stands for: that is always the same
    http.app.get_backend_for_host = cache(http.app.get_backend_for_host)
    http.app = gated(found, http.app)
    try:
        ends.extend(fill(found) for fill in HOLES)
        yield found
    finally:
        for end in reversed(ends):
            end()
        server.stop()
        http.server_close()
        requests.setLevel(level)
