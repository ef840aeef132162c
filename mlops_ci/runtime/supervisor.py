"""The process that keeps one endpoint alive: it owns the listening socket, and workers inherit it.

States, in SageMaker's words: Creating (nothing serves yet), Updating (a new target comes up while the old one serves,
or a worker is started again), InService, Failed. What serves goes on serving until the new workers are up and warm;
only then the old ones drain. Requests that arrive while no worker lives wait in the socket's backlog.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import signal
import socket
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mlops_ci.runtime import control
from mlops_ci.runtime.control import Target, Timings
from mlops_ci.runtime.fleet import Fleet
from mlops_ci.runtime.identity import Identity, identify, is_alive
from mlops_ci.runtime.listening import HOST, kept, listen, port_of
from mlops_ci.runtime.rotating import RotatingLog
from mlops_ci.runtime.workerprocess import NotUp

TEND = 2.0
"""Seconds between two looks at whether anybody can still find us."""

IDLE_LIMIT = 30.0
"""Seconds that a supervisor waits for its first order; whoever started it died before giving one."""


class Supervisor:
    """One endpoint. Everything here runs on one event loop."""

    def __init__(self, folder: Path, sockets: Path, timings: Timings) -> None:
        self._folder = folder
        self._address = control.address(sockets, folder)
        self._timings = timings
        self._log = RotatingLog(folder / control.LOG)
        self._orphans = control.identities(folder / control.SUPERVISOR)[1:]
        self._me = identify(os.getpid())
        self._listener: socket.socket | None = None
        self._fleet: Fleet | None = None
        self._coming: Fleet | None = None
        self._wanted: Target | None = None
        self._rolling: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._is_stopping = asyncio.Event()
        self._notice = ""
        self._failure = ""

    async def run(self) -> None:
        """Answer at the control socket until told to stop, or until the state folder is gone."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._is_stopping.set)
        server = await self._open()
        tending = asyncio.create_task(self._tend())
        sweeping = asyncio.create_task(self._sweep())
        await self._is_stopping.wait()
        tending.cancel()
        async with self._turn:
            await self._abandon()
            self._close_listener()
            if self._fleet is not None:
                await self._fleet.leave(patience=0)
            await asyncio.gather(*self._leaving, sweeping)
        server.close()
        self._address.unlink(missing_ok=True)

    def status(self) -> dict[str, Any]:
        """Return what the endpoint is now, as plain data."""
        serving, wanted = self._fleet, self._wanted
        alive = len(serving.workers) if serving else 0
        failure = self._failure or (serving.failure if serving else "")
        if self._rolling is not None:
            state = "Updating" if alive else "Creating"
        elif alive:
            state = "InService"
        elif serving is not None and not serving.failure:
            state = "Updating"
        else:
            state = "Failed"
        target = serving.target if serving else wanted
        port = port_of(self._listener) if self._listener else kept(self._folder / control.PORT)
        return {
            "state": state,
            "version": target.version if target else 0,
            "package": target.package if target and serving else "",
            "workers": target.workers if target else 0,
            "batching": target.joins if target else False,
            "instance": target.instance if target else "",
            "autoscaling": target.autoscaling if target else "",
            "capture": target.capture if target else "",
            "count": target.count if target else 0,
            "url": f"http://{HOST}:{port}" if port else "",
            "detail": "; ".join(part for part in (self._notice, failure) if part),
        }

    async def _open(self) -> asyncio.Server:
        self._address.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._converse, path=self._address, limit=control.WORD_LIMIT)
        self._keep()
        return server

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            question = json.loads(await reader.readline())
            match question["do"]:
                case "status":
                    answer = self.status()
                case "apply":
                    answer = await self._apply(Target.from_json(question["target"]))
                case "stop":
                    self._is_stopping.set()
                    answer = {"ok": True}
                case _:
                    answer = {"ok": False, "error": "it does not know this word"}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def _apply(self, target: Target) -> dict[str, Any]:
        """Begin to make it so, and answer at once; of two that apply at once the later wins."""
        async with self._turn:
            if self._is_stopping.is_set():
                return {"ok": False, "stopping": True, "error": "the endpoint is being ended"}
            if self._rolling is not None and target == self._wanted:
                return {"ok": True}
            try:
                listener = await self._listener_for(target.port)
            except OSError as cause:
                if self._wanted is None:
                    self._is_stopping.set()  # there is nothing to stay for
                why = "is in use by another process" if cause.errno == errno.EADDRINUSE else f"fails: {cause.strerror}"
                return {"ok": False, "port": target.port, "error": f"port {target.port} {why}"}
            await self._abandon()
            serving = self._fleet
            self._wanted, self._failure = target, ""
            self._listener = self._listener or listener
            if serving is None or serving.failure or serving.target != target or listener is not self._listener:
                self._coming = Fleet(target, listener, self._timings, self._log.write, self._changed)
                self._rolling = asyncio.create_task(self._roll(self._coming))
            self._changed()
            return {"ok": True}

    async def _roll(self, fleet: Fleet) -> None:
        """Replace what serves by a fleet that is not up yet; where it does not come up, what serves goes on."""
        name, before = fleet.target.name, self._fleet
        self._say(f"{name}: starting {fleet.target.workers} workers of package {fleet.target.package[:12]}")
        try:
            await fleet.start()
            await fleet.serve()
        except Exception as problem:
            if not isinstance(problem, NotUp):
                self._say("".join(traceback.format_exception(problem)))
            await fleet.leave(patience=0)
            self._failure = f"{name} did not come up: {problem}"
            self._say(self._failure)
            self._drop_listener(fleet)
        else:
            self._fleet = fleet
            if self._listener is not None and self._listener is not fleet.listener:
                self._listener.close()
            self._listener = fleet.listener
            self._say(f"{name}: in service on port {port_of(fleet.listener)}")
            if before is not None:
                self._let_go(before)
                await before.doors_closed.wait()
        self._rolling = self._coming = None
        self._changed()

    async def _abandon(self) -> None:
        """End a roll that somebody no longer wants."""
        rolling, coming = self._rolling, self._coming
        self._rolling = self._coming = None
        if rolling is not None and coming is not None:
            rolling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await rolling
            if coming is not self._fleet:
                self._let_go(coming)
                self._drop_listener(coming)

    def _drop_listener(self, fleet: Fleet) -> None:
        """Close the socket that only a fleet that does not serve was to have."""
        if fleet.listener is not self._listener and self._fleet is not fleet:
            fleet.listener.close()
            if self._listener is not None:
                self._keep_port(self._listener)

    def _let_go(self, fleet: Fleet) -> None:
        task = asyncio.create_task(fleet.leave())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _listener_for(self, port: int) -> socket.socket:
        """Return the socket to listen on; an asked port must be had, a kept one is replaced where somebody took it."""
        mine = self._listener
        if mine is not None and port in {0, port_of(mine)}:
            return mine
        self._notice = ""
        wanted = port or kept(self._folder / control.PORT)
        for _ in range(50):
            try:
                return self._keep_port(listen(wanted))
            except OSError:
                if not any(is_alive(who) for who in self._orphans):
                    break
                await asyncio.sleep(0.1)  # workers of a supervisor that died still close their doors
        if port:
            return self._keep_port(listen(port))
        made = self._keep_port(listen(0))
        self._notice = f"port {wanted} was taken by another process, so {port_of(made)} is used from now on"
        return made

    def _keep_port(self, listener: socket.socket) -> socket.socket:
        (self._folder / control.PORT).write_text(str(port_of(listener)), encoding="ascii")
        return listener

    def _close_listener(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _changed(self) -> None:
        """Write down what is so, and close the door where nobody is left behind it."""
        is_served = self._fleet is not None and (self._fleet.workers or not self._fleet.failure)
        if self._rolling is None and not is_served:
            self._close_listener()
        self._keep()

    def _keep(self) -> None:
        fleets = [fleet for fleet in (self._fleet, self._coming) if fleet is not None]
        members = [asdict(who) for who in (self._me, *(m for f in fleets for m in f.members)) if who is not None]
        with contextlib.suppress(OSError):
            if self._wanted is not None:
                control.keep(self._folder / control.SERVING, self.status())
            control.keep(self._folder / control.SUPERVISOR, {"processes": members, "socket": str(self._address)})

    async def _tend(self) -> None:
        """End when the state folder was removed or belongs to another; be found where our socket was swept away."""
        idle = 0.0
        while True:
            await asyncio.sleep(TEND)
            idle = 0.0 if self._wanted else idle + TEND
            if idle >= IDLE_LIMIT:
                self._is_stopping.set()
            if control.identities(self._folder / control.SUPERVISOR)[:1] != (self._me,):
                self._is_stopping.set()
            elif not self._address.exists():
                with contextlib.suppress(OSError):
                    self._address.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    await self._open()

    async def _sweep(self) -> None:
        """See the workers of a supervisor that died to their end: they drain by themselves, and are killed if not."""
        patience = self._timings.drain_limit
        while self._orphans:
            if patience <= 0 or self._is_stopping.is_set():
                for who in self._orphans:
                    _kill(who)
            self._orphans = tuple(who for who in self._orphans if is_alive(who))
            await asyncio.sleep(0.2)
            patience -= 0.2

    def _say(self, text: str) -> None:
        self._log.write(f"{text}\n".encode())


def _kill(who: Identity) -> None:
    if is_alive(who):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(who.pid, signal.SIGKILL)
