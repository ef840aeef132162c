"""The loopback's own addresses, by which another process counts calls and injects faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from mlops_ci.testing.aws.faults import as_json, from_json
from mlops_ci.testing.aws.loopback import Loopback

PREFIX = "/_mlops_ci/"


def control(loopback: Loopback, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request to one of them: `faults` (GET, PUT, POST, DELETE) and `calls` (GET, DELETE)."""
    about = environ["PATH_INFO"].removeprefix(PREFIX)
    match environ["REQUEST_METHOD"], about:
        case "GET", "faults":
            return _json(start, 200, [as_json(fault) for fault in loopback.faults.current()])
        case "PUT" | "POST" as method, "faults":
            return _inject(loopback, environ, start, replaces=method == "PUT")
        case "DELETE", "faults":
            loopback.faults.clear()
            return _json(start, 200, [])
        case "GET", "calls":
            refused = [asdict(refusal) for refusal in loopback.traffic.refused]
            return _json(start, 200, {"calls": list(loopback.traffic.calls), "refused": refused})
        case "DELETE", "calls":
            loopback.traffic.reset()
            return _json(start, 200, {"calls": [], "refused": []})
        case method, _:
            return _json(start, 404, {"message": f"no {method} of `{about}`; there are `faults` and `calls`"})


def _inject(
    loopback: Loopback, environ: dict[str, Any], start: Callable[..., Any], *, replaces: bool
) -> Iterable[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    try:
        given = json.loads(body)
        faults = from_json(given if isinstance(given, list) else [given])
    except (ValueError, AttributeError, TypeError) as cause:
        return _json(start, 400, {"message": str(cause)})
    if replaces:
        loopback.faults.clear()
    loopback.faults.inject(*faults)
    return _json(start, 200, [as_json(fault) for fault in loopback.faults.current()])


def _json(start: Callable[..., Any], status: int, value: object) -> Iterable[bytes]:
    sent = json.dumps(value).encode()
    phrase = {200: "OK", 400: "Bad Request", 404: "Not Found"}[status]
    start(f"{status} {phrase}", [("Content-Type", "application/json"), ("Content-Length", str(len(sent)))])
    return [sent]
