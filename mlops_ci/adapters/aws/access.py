"""A door to an endpoint that wants signed requests: a server of this machine alone that asks the endpoint host for it.

So a user's tests need neither boto3 nor credentials, and are the same as for an endpoint on this machine.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mlops_ci.errors import ProviderError
from mlops_ci.plan.deployed import Deployed
from mlops_ci.ports.endpoints import Answer, EndpointHost

LARGEST = 6 << 20
"""Bytes of a body, as SageMaker takes them."""


@dataclass(frozen=True, slots=True)
class Doors:
    """An `EndpointAccess` over any `EndpointHost`."""

    host: EndpointHost

    @property
    def refuses_misshapen(self) -> bool:
        """Whether rows of another shape are refused: SageMaker's containers leave that to the model's code."""
        return False

    @contextmanager
    def opened(self, endpoint: Deployed) -> Iterator[str]:
        """Give the URL of a server that is there as long as it is open; what it is asked goes to the endpoint.

        Raises:
            ProviderError: no port is free.

        """
        handler = partial(_Door, self.host, endpoint.environment, endpoint.model)
        try:
            server = _Server(("127.0.0.1", 0), handler)
        except OSError as cause:
            hint = "end what holds the machine's ports, then type the command again"
            raise ProviderError(f"no door to `{endpoint.model}` can be opened: {cause}", hint=hint) from cause
        with server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Door(BaseHTTPRequestHandler):
    """Answers as the endpoint does; 502 where that gives no answer at all."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, host: EndpointHost, environment: str, model: str, *args: Any) -> None:  # noqa: ANN401 - http's
        self.host, self.place = host, (environment, model)
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer `/ping`."""
        if self.path != "/ping":
            return self._told(Answer(404, b"", "", "", 0.0))
        try:
            found = self.host.ping(*self.place)
        except ProviderError as error:
            return self._told(_unanswered(error))
        return self._told(Answer(found, b"", "", "", 0.0))

    def do_POST(self) -> None:
        """Answer `/invocations`."""
        size = self.headers.get("Content-Length", "")
        if not size.isdigit() or int(size) > LARGEST:
            self.close_connection = True  # what is not read would be taken for the next request
            return self._told(Answer(413 if size.isdigit() else 411, b"", "", "", 0.0))
        body = self.rfile.read(int(size))
        if self.path != "/invocations":
            return self._told(Answer(404, b"", "", "", 0.0))
        kind, accept = self.headers.get("Content-Type", ""), self.headers.get("Accept", "")
        try:
            return self._told(self.host.invoke(*self.place, body, kind, accept))
        except ProviderError as error:
            return self._told(_unanswered(error))

    def _told(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in (("Content-Type", answer.content_type), ("x-mlops-ci-version", answer.version)):
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - http's
        """Say nothing: what matters is in the answer."""


def _unanswered(error: ProviderError) -> Answer:
    return Answer(502, error.summary.encode(), "text/plain; charset=utf-8", "", 0.0)
