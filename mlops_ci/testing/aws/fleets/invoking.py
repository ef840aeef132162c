"""One request to an endpoint, from its headers to the answer of a container, in SageMaker's words."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mlops_ci.testing.aws.fleets.endpoint import Endpoint
from mlops_ci.testing.aws.fleets.instances import Answer, Instance, entered

BODY_LIMIT = 6 * 2**20
"""Bytes that a request may have."""

WITHIN = 60.0
"""Seconds that a container has for its answer."""

CUSTOM = "x-amzn-sagemaker-custom-attributes"
TARGET = "x-amzn-sagemaker-target-variant"
PASSED_ON = ("content-type", "accept", CUSTOM)
NOT_YET = frozenset({"Creating", "Failed", "Deleting", "OutOfService"})

TOO_LATE = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client gets."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Observed:
    """What a request was like; durations in seconds, `answer` None where none came."""

    instance: Instance
    answer: Answer | None
    model: float
    whole: float
    request: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """Return the container's status; 500 where it gave none."""
        return self.answer.status if self.answer is not None else 500


def invoke(
    endpoint: Endpoint | None,
    about: tuple[str, str],
    headers: Mapping[str, str],
    body: bytes,
    observe: Callable[[Endpoint, Observed], None],
    *,
    within: float = WITHIN,
) -> Reply:
    """Return the reply of an endpoint; `about` are its name and account, `headers` by lower-case name.

    The container has `within` seconds. `observe` is told what a container was asked before anybody can stop it.
    """
    name, account = about
    began = time.perf_counter()
    if len(body) > BODY_LIMIT:
        text = f"HTTP content length exceeded {BODY_LIMIT} bytes."
        return Reply(413, {"Content-Type": "text/plain"}, text.encode())
    if endpoint is None or endpoint.status in NOT_YET:
        return _refusal(f"Endpoint {name} of account {account} not found.")
    instance = endpoint.entered(headers.get(TARGET))
    if instance is None:
        return _refusal(f"Variant {headers.get(TARGET)} of endpoint {name} of account {account} not found.")
    asked = time.perf_counter()
    with entered(instance):
        given = {key: headers[key] for key in PASSED_ON if headers.get(key)}
        if instance.accept and given.get("accept", "*/*") == "*/*":
            given["accept"] = instance.accept
        words = ""
        answer = None
        try:
            answer = instance.ask(body, given, within=within)
        except TimeoutError:
            words = TOO_LATE
        except (OSError, http.client.HTTPException) as cause:
            words = f"The container did not answer: {cause}"
        done = time.perf_counter()
        reply = _reply(endpoint, instance, answer, words)
        observe(endpoint, Observed(instance, answer, done - asked, time.perf_counter() - began, body, headers))
    return reply


def _reply(endpoint: Endpoint, instance: Instance, answer: Answer | None, words: str) -> Reply:
    if answer is None:
        return _model_error(endpoint, instance, 0, words)
    if answer.status >= 400:
        return _model_error(endpoint, instance, answer.status, answer.body.decode("utf-8", "replace"))
    headers = {
        "Content-Type": answer.headers.get("content-type", "application/octet-stream"),
        "x-Amzn-Invoked-Production-Variant": instance.variant.name,
    }
    if CUSTOM in answer.headers:
        headers["X-Amzn-SageMaker-Custom-Attributes"] = answer.headers[CUSTOM]
    return Reply(200, headers, answer.body)


def _model_error(endpoint: Endpoint, instance: Instance, status: int, words: str) -> Reply:
    place = endpoint.setting.place
    whose = "client" if 400 <= status < 500 else "server"
    group = f"/aws/sagemaker/Endpoints/{endpoint.name}"
    message = (
        f'Received {whose} error ({status}) from primary with message "{words}". See https://{place.region}.console.aws.'
        f"amazon.com/cloudwatch/home?region={place.region}#logEventViewer:group={group} in account {place.account} for "
        "more information."
    )
    about = {
        "ErrorCode": "CLIENT_ERROR_FROM_MODEL" if whose == "client" else "INTERNAL_FAILURE_FROM_MODEL",
        "LogStreamArn": instance.log_arn,
        "Message": message,
        "OriginalMessage": words,
        "OriginalStatusCode": status,
    }
    return _error(424, "ModelError", about)


def _refusal(message: str) -> Reply:
    return _error(400, "ValidationError", {"Message": message})


def _error(status: int, code: str, about: Mapping[str, object]) -> Reply:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    return Reply(status, headers, json.dumps(about).encode())
