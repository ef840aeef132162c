"""A client of the loopback GitHub that knows nothing of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    headers: Mapping[str, str]
    body: Any


def ask(url: str, method: str = "GET", body: object = None, token: str = "") -> Said:
    """Return what is answered, refusals too; a body of bytes is sent as it is."""
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urlopen(Request(url, data=data, method=method, headers=headers)) as found:
            return Said(found.status, _lower(found.headers), json.loads(found.read() or b"null"))
    except HTTPError as error:
        with error:
            return Said(error.code, _lower(error.headers), json.loads(error.read() or b"null"))


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
