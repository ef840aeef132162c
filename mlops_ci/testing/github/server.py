"""The server: HTTP on 127.0.0.1, a thread a connection, one answer at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from mlops_ci.testing.github.answering import Break, answered
from mlops_ci.testing.github.asked import Reply
from mlops_ci.testing.github.control import controlled
from mlops_ci.testing.github.loopback import GitHub
from mlops_ci.testing.github.smart import is_git, served


@contextmanager
def loopback(root: Path, *, port: int = 0) -> Iterator[GitHub]:
    """Give a server that runs.

    Raises:
        OSError: somebody else listens at the port.

    """
    server = _Server(("127.0.0.1", port), _Handler)
    server.github = GitHub(f"http://127.0.0.1:{server.server_address[1]}", root)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.github
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    github: GitHub


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
        """Say nothing: what was asked is in `traffic`."""

    def _answer(self) -> None:
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        github = self.server.github
        try:
            if is_git(self.path):
                raw = served(github, self.command, self.path, headers, body)
                self._write(raw.status, raw.headers, raw.body)
                return
            if self.path.startswith("/_mlops_ci/"):
                reply = controlled(github, self.command, self.path, body)
            else:
                reply = answered(github, self.command, self.path, headers, body)
        except Break:
            self.close_connection = True
            return
        except Exception as error:  # noqa: BLE001 - who asked is told, and the server goes on
            reply = Reply(500, {"message": f"the loopback failed: {type(error).__name__}: {error}"})
        self._send(reply, {"X-GitHub-Media-Type": "github.v3; format=json"})

    def _send(self, reply: Reply, more: Mapping[str, str]) -> None:
        kind = {} if reply.said is None else {"Content-Type": "application/json; charset=utf-8"}
        data = b"" if reply.said is None else json.dumps(reply.said).encode()
        self._write(reply.status, {**kind, **more, **reply.headers}, data)

    def _write(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:  # which has no body, and so no length
            self.send_header("Content-Length", str(len(data)))
        with suppress(ConnectionError):  # who asked is gone
            self.end_headers()
            self.wfile.write(data)

    def _body(self) -> bytes:
        """Return the body of the request, which git sends in chunks where it is long."""
        if "chunked" not in self.headers.get("transfer-encoding", "").lower():
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815 - the names are the standard library's
