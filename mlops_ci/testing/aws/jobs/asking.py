"""One request of a batch transform to its container."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

_PAUSE = 0.1
"""Seconds before another attempt."""


class Refused(Exception):  # noqa: N818 - named after what happened
    """The container answers no prediction, whoever's fault that is."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Client:
    """How a container is asked; `timeout` in seconds, `retries` after an answer of 5xx or none."""

    url: str
    headers: tuple[tuple[str, str], ...]
    timeout: float
    retries: int

    def ask(self, body: bytes) -> bytes:
        """Return the answer's body.

        Raises:
            Refused: it is an error, after the last attempt too.

        """
        for attempt in range(self.retries + 1):
            status, said = self._asked(body)
            if status < 300:
                return said
            if status < 500 or attempt == self.retries:
                raise Refused(status, said.decode(errors="replace"))
            time.sleep(_PAUSE)
        raise AssertionError("the last attempt raises or returns")

    def _asked(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=self.timeout)
        try:
            connection.request("POST", "/invocations", body, dict(self.headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as cause:
            return 503, str(cause).encode()
        finally:
            connection.close()
