"""A worker as its supervisor sees it: a process, the socket we speak with it on, and the end of what it printed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections import deque
from collections.abc import Callable

from mlops_ci.runtime.identity import Identity, identify

Write = Callable[[bytes], None]


class NotUp(Exception):  # noqa: N818 - named after what happened
    """A worker did not come up; `final` where another attempt would end the same."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class Worker:
    """One serving process and the socket we speak with it on."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket, write: Write) -> None:
        self.process = process
        self.born = asyncio.get_running_loop().time()
        self.who: Identity | None = identify(process.pid)
        self._control = control
        self._write = write
        self._last: deque[bytes] = deque(maxlen=20)
        self._output = asyncio.create_task(self._copy())

    @property
    def age(self) -> float:
        """Return seconds since it was started."""
        return asyncio.get_running_loop().time() - self.born

    async def expect(self, event: str, *, within: float) -> None:
        """Wait until the worker says this, whatever it says before.

        Raises:
            NotUp: it said why it cannot, died, or took longer than `within` seconds.

        """
        told = {"event": ""}
        try:
            async with asyncio.timeout(within):
                while told["event"] not in {event, "failed"} and (heard := await self._hear()):
                    told = json.loads(heard)
                status = 0 if heard else await self.process.wait()
        except TimeoutError:
            raise NotUp(f"it was not up after {within:g} s", final=True) from None
        if not heard:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._output), 1.0)
            raise NotUp(f"{died(status)} while it came up{self._words()}", final=False)
        if told["event"] == "failed":
            raise NotUp(told["reason"], final=True)

    def order(self, word: bytes) -> None:
        """Tell the worker `serve` or `stop`; one that is gone hears nothing."""
        with contextlib.suppress(OSError):
            self._control.send(word + b"\n")

    def signal(self, number: int) -> None:
        """Signal the worker, or for SIGKILL everything in its process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    async def ended(self, within: float) -> None:
        """Wait for its end; kill it after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                await self.process.wait()
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self.process.wait()
        self._control.close()

    async def _hear(self) -> bytes:
        heard, loop = b"", asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):
            while not heard.endswith(b"\n"):
                block = await loop.sock_recv(self._control, 1)
                if not block:
                    return b""
                heard += block
        return heard

    async def _copy(self) -> None:
        stream = self.process.stdout
        while stream is not None and (block := await stream.read(1 << 16)):
            self._last.extend(block.splitlines()[-20:])
            self._write(block)

    def _words(self) -> str:
        words = next((line.strip() for line in reversed(self._last) if line.strip()), b"")
        return f": {words[:500].decode('utf-8', 'replace')}" if words else ""


def died(status: int) -> str:
    """Return in words how a process ended, from its return code."""
    if status >= 0:
        return f"ended with exit code {status}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-status).name}"
    return f"was ended by signal {-status}"
