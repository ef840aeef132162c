"""S3 on this machine: moto's server behind a real socket, which counts what it is asked and fails when told to."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any
from urllib.parse import unquote

import boto3
from moto.server import ThreadedMotoServer


class Fault(Enum):
    """What happens to a request instead of an ordinary answer."""

    SLOW_DOWN = "503 with the code SlowDown, before anything is done"
    RESET = "the connection is reset after everything was done"
    CUT = "half of the body, then the connection is reset"
    DENIED = "403 with the code AccessDenied"


_REFUSALS = {Fault.SLOW_DOWN: ("503 Slow Down", "SlowDown"), Fault.DENIED: ("403 Forbidden", "AccessDenied")}


@dataclass(slots=True)
class Loopback:
    """The server. `calls` are method and path of what was asked; `faults` are used up, each by one request it fits."""

    url: str
    calls: list[str] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    """Keys that a listing does not show yet."""
    is_opaque: bool = False
    """Whether entity tags are no md5, as those of objects under a key of KMS are not."""
    made: Any = None

    def environment(self) -> dict[str, str]:
        """Return what a process needs to see this S3 and no other."""
        return {
            "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }  # fmt: skip

    def client(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        """Return a client of our own, for what the code under test has no business doing; making one takes long."""
        self.made = self.made or boto3.session.Session(aws_access_key_id="key", aws_secret_access_key="secret").client(  # noqa: S106
            "s3", endpoint_url=self.url, region_name="us-east-1"
        )
        return self.made

    def fail(self, fits: str, *faults: Fault) -> None:
        """Have the next requests whose method and path contain `fits` fail, one a fault."""
        self.faults += [(fits, fault) for fault in faults]

    def answer(self, app: Any, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:  # noqa: ANN401
        """Answer a request as moto does, or as the fault says."""
        said = f"{environ['REQUEST_METHOD']} {unquote(environ['PATH_INFO'])}?{environ.get('QUERY_STRING', '')}"
        said += environ.get("HTTP_X_AMZ_TARGET", "")  # the operation, where the service has but one path
        self.calls.append(said)
        fault = next((item for item in self.faults if item[0] in said), None)
        if fault is None:
            begin = _opaque(start) if self.is_opaque else start
            return self._shown(app(environ, begin), listing="list-type=2" in said)
        self.faults.remove(fault)
        if fault[1] in _REFUSALS:
            status, code = _REFUSALS[fault[1]]
            start(status, [("Content-Type", "application/xml")])
            return [f"<Error><Code>{code}</Code><Message>as told</Message></Error>".encode()]
        environ["werkzeug.socket"].settimeout(5)
        if fault[1] is Fault.CUT:
            return _halved(app(environ, start), environ["werkzeug.socket"])
        list(app(environ, lambda *_: None))
        _reset(environ["werkzeug.socket"])
        raise ConnectionResetError

    def _shown(self, body: Iterable[bytes], *, listing: bool) -> Iterable[bytes]:
        if not (listing and (self.hidden or self.is_opaque)):
            return body
        text = b"".join(body).decode()
        if self.is_opaque:
            text = re.sub("(?<=<ETag>&quot;)[0-9a-f]{32}", lambda tag: tag[0][::-1], text)
            text = re.sub('(?<=<ETag>")[0-9a-f]{32}', lambda tag: tag[0][::-1], text)
        for key in self.hidden:
            before, _, rest = text.partition(f"<Key>{key}</Key>")
            if rest:
                text = before.rpartition("<Contents>")[0] + rest.partition("</Contents>")[2]
        return [text.encode().ljust(sum(map(len, body)))]


def _opaque(start: Callable[..., Any]) -> Callable[..., Any]:
    """Return a start of an answer whose entity tag is another one, and the same each time."""

    def begin(status: str, headers: list[tuple[str, str]], *more: object) -> object:
        return start(status, [(k, f'"{v[-2:0:-1]}"' if k.lower() == "etag" else v) for k, v in headers], *more)

    return begin


def _halved(body: Iterable[bytes], connection: socket.socket) -> Iterator[bytes]:
    whole = b"".join(body)
    yield whole[: len(whole) // 2]
    _reset(connection)
    raise ConnectionResetError


def _reset(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def loopback() -> Iterator[Loopback]:
    """Give a server that runs."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    found = Loopback(f"http://{host}:{port}")
    http: Any = server._server
    app = http.app
    app.get_backend_for_host = cache(app.get_backend_for_host)  # which moto reads a folder for
    http.app = lambda environ, start: found.answer(app, environ, start)
    try:
        yield found
    finally:
        server.stop()
        http.server_close()
