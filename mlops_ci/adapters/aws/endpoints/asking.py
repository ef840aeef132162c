"""Asking an endpoint: what SageMaker hands through from the container, and what it says itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.problems import code_of, refused, said_by
from mlops_ci.errors import ProviderError
from mlops_ci.ports.endpoints import Answer

_ACTION = "sagemaker:InvokeEndpoint"
LIMIT = 6 * 2**20
"""Bytes that a request may have; what is larger is answered here, as SageMaker would."""
_OWN = frozenset({400, 413, 415, 424})
"""What SageMaker answers where the request is wrong, or the container gave no answer that it could hand on."""


def ask(
    account: Account, endpoint: str, version: Callable[[], str], body: bytes, content_type: str, accept: str
) -> Answer:
    """Return what the endpoint answers; an empty `content_type` or `accept` sends no such header.

    The container's own status and body are told where it answered anything but 200, and SageMaker's where it refused.

    Raises:
        ProviderError: nothing answers.

    """
    from botocore.exceptions import ClientError

    if len(body) > LIMIT:
        said = f"the body has {len(body)} bytes, and SageMaker takes {LIMIT}"
        return Answer(413, json.dumps({"error": said}).encode(), "application/json", version(), 0.0)
    client = account.clients.of("sagemaker-runtime")
    given = {name: value for name, value in (("ContentType", content_type), ("Accept", accept)) if value}
    says = version()
    began = time.perf_counter()
    with account.asked(_ACTION, endpoint):
        try:
            answer = client.invoke_endpoint(EndpointName=endpoint, Body=body, **given)
            content = answer["Body"].read()
        except ClientError as error:
            taken = time.perf_counter() - began
            return _refusal(error, endpoint, says, taken)
    return Answer(200, content, answer.get("ContentType", ""), says, time.perf_counter() - began)


def _refusal(error: Any, endpoint: str, version: str, seconds: float) -> Answer:  # noqa: ANN401 - botocore's
    response = error.response
    if "OriginalStatusCode" in response:  # the container's own answer
        content = str(response.get("OriginalMessage", "")).encode()
        return Answer(int(response["OriginalStatusCode"]), content, "application/json", version, seconds)
    said, status = said_by(error), int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if "not found" in said.lower():
        raise ProviderError(f"nothing answers at `{endpoint}`: {said}", hint="mlops-ci deploy") from error
    if status in _OWN and not code_of(error).startswith(("AccessDenied", "ExpiredToken")):
        return Answer(status, json.dumps({"error": said}).encode(), "application/json", version, seconds)
    raise refused(error, _ACTION, endpoint) from error
