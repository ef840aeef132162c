"""Data capture: requests and answers as JSON Lines in S3, in the form that Model Monitor reads."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlops_ci.testing.aws.fleets.configs import Capturing
from mlops_ci.testing.aws.fleets.endpoint import Endpoint
from mlops_ci.testing.aws.fleets.instances import Instance
from mlops_ci.testing.aws.fleets.invoking import CUSTOM, Observed
from mlops_ci.testing.aws.fleets.places import Place
from mlops_ci.testing.aws.fleets.shifting import Splitter

EVERY = 1.0
"""Seconds after which what was captured is written."""

MANY = 200
"""Events after which it is written at once."""


class Capture:
    """What one variant of an endpoint captures. Of every hundred requests exactly the percentage is kept."""

    def __init__(self, place: Place, endpoint: str, instance: Instance, asked: Capturing) -> None:
        self._place = place
        self._instance = instance
        self._below = f"{endpoint}/{instance.variant.name}"
        self._asked = asked
        self._splitter = Splitter()
        self._lock = threading.Lock()
        self._events: list[dict[str, Any]] = []
        self._since = time.monotonic()

    def add(self, seen: Observed) -> None:
        """Keep a request and its answer, if it is its turn; what the container refused is not kept."""
        if seen.answer is None or seen.answer.status >= 400:
            return
        with self._lock:
            if not self._splitter.is_for_new(self._asked.percentage / 100):
                return
            if not self._events:
                self._since = time.monotonic()
            self._events.append(event(self._asked, seen, datetime.now(UTC)))
            is_full = len(self._events) >= MANY
        if is_full:
            self.flush()

    def flush_old(self) -> None:
        """Write what was captured, if it waited long enough."""
        with self._lock:
            is_old = bool(self._events) and time.monotonic() - self._since >= EVERY
        if is_old:
            self.flush()

    def flush(self) -> None:
        """Write what was captured to a file of its own; the log says so where that cannot be."""
        from moto.s3.exceptions import MissingBucket

        with self._lock:
            events, self._events = self._events, []
        if not events:
            return
        bucket, _, prefix = self._asked.destination.removeprefix("s3://").partition("/")
        name = f"{self._below}/{datetime.now(UTC):%Y/%m/%d/%H/%M-%S}-{datetime.now(UTC).microsecond // 1000:03}"
        key = "/".join(part for part in (prefix.strip("/"), f"{name}-{uuid.uuid4()}.jsonl") if part)
        content = "".join(f"{json.dumps(event, separators=(',', ':'))}\n" for event in events).encode()
        encryption = {"encryption": "aws:kms", "kms_key_id": self._asked.kms_key} if self._asked.kms_key else {}
        try:
            self._place.s3.put_object(bucket, key, content, **encryption)
        except MissingBucket:
            self._instance.note(f"there is no bucket `{bucket}` for {len(events)} captured events")


class Captures:
    """The captures of all instances, each made with its first request."""

    def __init__(self) -> None:
        self._made: dict[str, Capture | None] = {}
        self._lock = threading.Lock()

    def of(self, endpoint: Endpoint, instance: Instance) -> Capture | None:
        """Return what captures an instance's requests; None where nothing is to be."""
        with self._lock:
            if instance.name not in self._made:
                asked = endpoint.capturing(instance)
                made = None if asked is None else Capture(endpoint.setting.place, endpoint.name, instance, asked)
                self._made[instance.name] = made
                if made is not None:
                    instance.flush = made.flush
            return self._made[instance.name]

    def flush_old(self) -> None:
        """Write what waited long enough."""
        with self._lock:
            made = [capture for capture in self._made.values() if capture is not None]
        for capture in made:
            capture.flush_old()


def event(asked: Capturing, seen: Observed, at: datetime) -> dict[str, Any]:
    """Return one line of a capture file."""
    data: dict[str, Any] = {}
    if "Input" in asked.modes:
        data["endpointInput"] = _side(asked, "INPUT", seen.request, seen.headers.get("content-type", ""))
    if seen.answer is not None and "Output" in asked.modes:
        content_type = seen.answer.headers.get("content-type", "")
        data["endpointOutput"] = _side(asked, "OUTPUT", seen.answer.body, content_type)
    about: dict[str, Any] = {"eventId": str(uuid.uuid4()), "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    return {"captureData": data, "eventMetadata": {**about, **_more(seen.headers)}, "eventVersion": "0"}


def _more(headers: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if custom := headers.get(CUSTOM):
        found["customAttributes"] = [custom]
    if inference := headers.get("x-amzn-sagemaker-inference-id"):
        found["inferenceId"] = inference
    return found


def _side(asked: Capturing, mode: str, content: bytes, content_type: str) -> dict[str, str]:
    media = content_type.partition(";")[0].strip()
    encoding = "CSV" if media in asked.csv_types else "JSON" if media in asked.json_types else "BASE64"
    try:
        data = base64.b64encode(content).decode() if encoding == "BASE64" else content.decode()
    except UnicodeDecodeError:
        encoding, data = "BASE64", base64.b64encode(content).decode()
    return {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}
