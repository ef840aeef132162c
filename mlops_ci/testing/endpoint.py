"""An endpoint, as a user's test asks it."""

from __future__ import annotations

import csv
import http.client
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
TIMEOUT = 60.0
"""Seconds that an answer may take, as on SageMaker."""

Rows: TypeAlias = str | bytes | Sequence[Sequence[Any]] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer of any status; `version` is the header `x-mlops-ci-version`, such as `churn/v1`."""

    status: int
    body: bytes
    content_type: str
    version: str

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8")

    def json(self) -> Any:  # noqa: ANN401 - parsed JSON
        """Return the body as JSON data.

        Raises:
            ValueError: it is none.

        """
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What serves `model` in `environment`; `version` is what the header of its answers should say."""

    url: str
    model: str
    environment: str
    version: str

    def invoke(self, rows: Rows, content_type: str = "", accept: str = JSON) -> Reply:
        """Return what the endpoint answers, whatever the status.

        `rows` is a list of rows, each a list of cells (sent as CSV, or as JSON where `content_type` says so) or a
        mapping by column (sent as JSON Lines), or a body ready to send. Without `content_type`, it follows from the
        rows; text and bytes are CSV. An empty `accept` sends no such header.

        Raises:
            TypeError: `rows` is none of these.
            ConnectionError: no answer came.

        """
        content_type = content_type or _content_type(rows)
        headers = {"Content-Type": content_type} | ({"Accept": accept} if accept else {})
        return _ask(self.url, "POST", "/invocations", encoded(rows, content_type), headers)

    def ping(self) -> Reply:
        """Return the answer to `GET /ping`.

        Raises:
            ConnectionError: no answer came.

        """
        return _ask(self.url, "GET", "/ping", b"", {})


def encoded(rows: Rows, content_type: str) -> bytes:
    """Return the rows as the body of a request.

    Raises:
        TypeError: they are no rows, or cannot be sent as this content type.

    """
    if isinstance(rows, bytes):
        return rows
    if isinstance(rows, str):
        return rows.encode()
    if not all(isinstance(row, (list, tuple, Mapping)) for row in rows):
        raise TypeError("rows are a list of rows, [[1, 2, 3]] for a single one, or text or bytes to send as they are")
    media = content_type.partition(";")[0].strip().lower()
    if media == CSV:
        if any(isinstance(row, Mapping) for row in rows):
            raise TypeError(f"rows by column cannot be sent as `{CSV}`: leave content_type out, or send lists of cells")
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()
    if media == JSON:
        return json.dumps(list(rows)).encode()
    if media == JSON_LINES:
        return "\n".join(json.dumps(row) for row in rows).encode()
    raise TypeError(f"rows cannot be written as `{content_type}`: send text or bytes")


def _content_type(rows: Rows) -> str:
    is_by_column = not isinstance(rows, (str, bytes)) and any(isinstance(row, Mapping) for row in rows)
    return JSON_LINES if is_by_column else CSV


def _ask(url: str, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    try:
        connection.request(method, f"{parts.path.rstrip('/')}{path}", body=body or None, headers=dict(headers))
        response = connection.getresponse()
        version = response.getheader("x-mlops-ci-version", "")
        return Reply(response.status, response.read(), response.getheader("content-type", ""), version)
    except (OSError, http.client.HTTPException) as cause:
        raise ConnectionError(f"{method} {url}{path} got no answer: {cause}") from cause
    finally:
        connection.close()
