"""Clients that load an endpoint: keep-alive connections, no retry, every answer kept."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Seen:
    """What one request got: an HTTP status (0 where none came), the version that answered, or the exception's text."""

    status: int
    version: str
    body: bytes
    problem: str = ""


class Clients:
    """So many clients that send the same request over and over, `pause` seconds apart, while the context is open.

    They speak HTTP with `url`, or, where nobody may just do that, ask as `ask` does.
    """

    def __init__(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str = "text/csv",
        clients: int = 8,
        pause: float = 0,
        ask: Callable[[bytes], Seen] | None = None,
    ) -> None:
        self._address = url.removeprefix("http://")
        self._body = body
        self._headers = {"Content-Type": content_type}
        self._pause = pause
        self._is_over = threading.Event()
        self._seen: list[list[Seen]] = [[] for _ in range(clients)]
        send = self._send if ask is None else partial(self._send_by, ask)
        self._threads = [threading.Thread(target=send, args=(seen,)) for seen in self._seen]

    @property
    def seen(self) -> list[Seen]:
        """Return everything seen so far."""
        return [one for seen in self._seen for one in list(seen)]

    @property
    def failed(self) -> list[Seen]:
        """Return what was no 200."""
        return [one for one in self.seen if one.status != 200]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, seen: list[Seen]) -> None:
        # http.client connects anew after `Connection: close`, as HTTP asks of a client, and never sends again.
        connection = http.client.HTTPConnection(self._address, timeout=30)
        while not self._is_over.is_set():
            try:
                connection.request("POST", "/invocations", self._body, self._headers)
                answer = connection.getresponse()
                seen.append(Seen(answer.status, answer.headers.get("x-mlops-ci-version", ""), answer.read()))
            except (OSError, http.client.HTTPException) as problem:
                seen.append(Seen(0, "", b"", repr(problem)))
                connection.close()
            if self._pause:
                self._is_over.wait(self._pause)
        connection.close()

    def _send_by(self, ask: Callable[[bytes], Seen], seen: list[Seen]) -> None:
        while not self._is_over.is_set():
            seen.append(ask(self._body))
            if self._pause:
                self._is_over.wait(self._pause)
