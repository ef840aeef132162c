"""The HTTP server of a worker: uvicorn, that drains without closing the door on anybody."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mlops_ci.runtime.app import App
from mlops_ci.runtime.batching import Predictions
from mlops_ci.runtime.handlers import Handler

KEEP_ALIVE = 75
"""Seconds a silent connection is kept; more than the 60 that proxies commonly keep theirs, so they close first."""


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, that also knows when it last heard something (seconds of the loop's clock)."""

    heard = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Note the time, too."""
        self.heard = self.loop.time()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Note the time, too."""
        self.heard = self.loop.time()
        super().data_received(data)

    def is_silent(self, since: float) -> bool:
        """Return whether nothing is under way and nothing was heard after that moment."""
        return self.heard < since and (self.cycle is None or self.cycle.response_complete)


class Server(uvicorn.Server):
    """uvicorn's server; `patience` is how many seconds a connection must be silent before a drain closes it."""

    def __init__(self, config: uvicorn.Config, control: socket.socket, *, patience: float) -> None:
        super().__init__(config)
        self.patience = patience
        self._control = control

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone: `serve` handles them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept, and say so."""
        await super().startup(sockets)
        tell(self._control, "serving")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, and wait until every connection was let go."""
        loop = asyncio.get_running_loop()
        for server in self.servers:
            server.close()
        began = loop.time()
        while self.server_state.connections:
            now = loop.time()
            if now - began >= self.patience:
                for connection in list(self.server_state.connections):
                    if isinstance(connection, Protocol) and connection.is_silent(now - self.patience):
                        connection.shutdown()
            await asyncio.sleep(0.05)
        await super().shutdown(sockets)


async def serve(
    handler: Handler, listener: socket.socket, control: socket.socket, *, version: str, joins: bool, patience: float
) -> None:
    """Answer requests until told to drain, and then until the last client is gone."""
    loop = asyncio.get_running_loop()
    app = App(Predictions(handler, loop, joins=joins), version)
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
    )
    server = Server(config, control, patience=patience)

    def drain() -> None:
        """Close the door at once and say so: uvicorn itself would look up only a tenth of a second later."""
        if app.is_draining:
            return
        app.is_draining = True
        for door in getattr(server, "servers", ()):
            door.close()
        tell(control, "closed")
        server.should_exit = True

    def order() -> None:
        told = control.recv(64)
        if told == b"stop\n":
            server.patience = 0.0
        if not told:
            loop.remove_reader(control.fileno())
            _hush()
        drain()

    control.setblocking(False)
    loop.add_reader(control.fileno(), order)
    loop.add_signal_handler(signal.SIGTERM, drain)
    loop.add_signal_handler(signal.SIGINT, drain)
    await server.serve(sockets=[listener])


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes uvloop's event loop; None, for Python's own, where uvloop is not installed."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def tell(control: socket.socket, event: str, reason: str = "") -> None:
    """Send the supervisor one event; does nothing where it is gone, since the end of the socket says so too."""
    with contextlib.suppress(OSError):
        control.sendall(json.dumps({"event": event, "reason": reason}).encode() + b"\n")


def _hush() -> None:
    """Send what is printed from here on to nowhere: the pipe to the supervisor's log has lost its reader."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
