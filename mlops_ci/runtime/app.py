"""The ASGI app: `GET /ping` and `POST /invocations`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from mlops_ci.runtime.batching import Predictions, Reply, refusal
from mlops_ci.runtime.decoding import BODY_LIMIT
from mlops_ci.runtime.media import JSON, Refused

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

SWALLOW_LIMIT = 16 * BODY_LIMIT
"""Bytes of a too large body that are read and thrown away, so that the client reads our answer and not a reset."""


class App:
    """Answers with the model `version` names. While `is_draining`, each answer asks the client to connect anew."""

    def __init__(self, predictions: Predictions, version: str) -> None:
        self.is_draining = False
        self._predictions = predictions
        self._version = (b"x-mlops-ci-version", version.encode("latin-1", "replace"))
        self._pong = Reply(200, json.dumps({"status": "ok", "version": version}).encode(), JSON)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        match scope["path"], scope["method"]:
            case "/invocations", "POST":
                reply = await self._invoke(scope["headers"], receive)
            case "/ping", "GET" | "HEAD":
                reply = self._pong
            case ("/invocations" | "/ping") as path, method:
                reply = refusal(Refused(405, f"{method} is not for {path}"))
            case path, _:
                reply = refusal(Refused(404, f"there is nothing at {path}", paths=["/ping", "/invocations"]))
        headers = [
            self._version,
            (b"content-type", reply.content_type.encode("latin-1", "replace")),
            (b"content-length", b"%d" % len(reply.body)),
        ]
        if self.is_draining:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _invoke(self, headers: Headers, receive: Receive) -> Reply:
        kind = accept = encoding = b""
        for name, value in headers:
            if name == b"content-type":
                kind = value
            elif name == b"accept":
                accept = value
            elif name == b"content-encoding":
                encoding = value
        try:
            body = await _body(receive)
        except Refused as problem:
            return refusal(problem)
        if encoding.lower() not in {b"", b"identity"}:
            return refusal(Refused(415, f"content encoding `{encoding.decode('latin-1')}` is not supported"))
        return await self._predictions.ask(body, kind.decode("latin-1"), accept.decode("latin-1"))


async def _body(receive: Receive) -> bytes:
    """Return the whole body; raises Refused (413) where it is too large."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False) and len(body) <= BODY_LIMIT:
        return body
    parts, size = [body], len(body)
    while message.get("more_body", False) and size <= SWALLOW_LIMIT:
        message = await receive()
        size += len(message.get("body", b""))
        if size <= BODY_LIMIT:
            parts.append(message.get("body", b""))
        else:
            parts.clear()
    if size > BODY_LIMIT:
        raise Refused(413, f"the body has more than the {BODY_LIMIT} bytes that are served", limit=BODY_LIMIT)
    return b"".join(parts)
