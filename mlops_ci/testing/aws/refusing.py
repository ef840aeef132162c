"""Errors as AWS sends them: in the form of the protocol that the service speaks."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from mlops_ci.testing.aws.asking import Asked

_INVALID = {
    "codebuild": "InvalidInputException",
    "ecr": "InvalidParameterException",
    "logs": "InvalidParameterException",
    "sagemaker-runtime": "ValidationError",
    "cloudwatch": "ValidationError",
}
"""The code for a request that the model forbids, where it is not ValidationException."""


@dataclass(frozen=True, slots=True)
class ServiceError:
    """What a service answers instead. `code` is what boto3 shows as `Error.Code`."""

    code: str
    message: str
    status: int = 400


def invalid(asked: Asked, problems: tuple[str, ...]) -> ServiceError:
    """Return the answer to a request that breaks its model."""
    counted = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
    return ServiceError(_INVALID.get(asked.service, "ValidationException"), f"{counted}: {'; '.join(problems)}")


def refuse(asked: Asked, error: ServiceError, start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with an error, as a WSGI application does."""
    request = str(uuid.uuid4())
    headers = [("x-amzn-RequestId", request), ("x-amzn-ErrorType", error.code)]
    match asked.protocol:
        case "json" | "rest-json":
            kind = "application/x-amz-json-1.1"
            body = json.dumps({"__type": error.code, "message": error.message})
        case "query":
            kind = "text/xml"
            said = f"<Type>Sender</Type><Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
            body = f"<ErrorResponse><Error>{said}</Error><RequestId>{request}</RequestId></ErrorResponse>"
        case _:
            kind = "application/xml"
            body = f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
    # a HEAD has no body: its status is all that it says
    sent = b"" if asked.operation.startswith("Head") else body.encode()
    status = f"{error.status} {HTTPStatus(error.status).phrase}"
    start(status, [*headers, ("Content-Type", kind), ("Content-Length", str(len(sent)))])
    return [sent]
