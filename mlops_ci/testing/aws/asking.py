"""What a request asks of AWS: read from the bytes of HTTP, in whatever protocol the service speaks."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from mlops_ci.testing.aws.s3_operations import s3_operation

INSIDE = "mlops-ci-inside"
"""The word in the user agent of the loopback's own calls, which nobody counts or disturbs."""

_NAMES = {"monitoring": "cloudwatch", "api.ecr": "ecr", "eventbridge": "events"}
_RUNTIME = {
    "invocations": "InvokeEndpoint",
    "async-invocations": "InvokeEndpointAsync",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
}
_RUNTIME_HEADERS = {"ContentType": "CONTENT_TYPE", "Accept": "HTTP_ACCEPT"} | {
    name: "HTTP_X_AMZN_SAGEMAKER_" + header
    for name, header in (
        ("CustomAttributes", "CUSTOM_ATTRIBUTES"),
        ("TargetModel", "TARGET_MODEL"),
        ("TargetVariant", "TARGET_VARIANT"),
        ("TargetContainerHostname", "TARGET_CONTAINER_HOSTNAME"),
        ("InferenceId", "INFERENCE_ID"),
        ("EnableExplanations", "ENABLE_EXPLANATIONS"),
        ("InferenceComponentName", "INFERENCE_COMPONENT"),
        ("SessionId", "SESSION_ID"),
    )
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A call in the protocol json, rest-json, query or rest-xml. `params` is None where its body is not JSON."""

    service: str
    operation: str
    region: str
    protocol: str
    params: Mapping[str, Any] | None = None
    path: str = "/"


def asked(environ: dict[str, Any]) -> Asked | None:
    """Return what a signed request asks, None for what is no call of AWS. A body that is read is put back."""
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    scope = _scope(environ, query)
    if scope is None:
        return None
    region, signed = scope
    service = _NAMES.get(signed, signed)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return Asked(service, target.rpartition(".")[2], region, "json", _as_json(_body(environ)))
    path = environ.get("PATH_INFO", "/")
    if service == "s3":
        return Asked(service, s3_operation(environ["REQUEST_METHOD"], path, query), region, "rest-xml", path=path)
    if service == "sagemaker" and path.startswith("/endpoints/"):
        return _runtime(environ, path, region)
    form = parse_qs(_body(environ).decode(errors="replace")) if _is_form(environ) else query
    if "Action" in form:
        return Asked(service, form["Action"][0], region, "query")
    return Asked(service, f"{environ['REQUEST_METHOD']} {path}", region, "rest-json")


def is_inside(environ: dict[str, Any]) -> bool:
    """Tell whether a part of the loopback itself asks."""
    return INSIDE in environ.get("HTTP_USER_AGENT", "")


def _scope(environ: dict[str, Any], query: dict[str, list[str]]) -> tuple[str, str] | None:
    """Return region and service, which a signature names (KEY/DATE/REGION/SERVICE/aws4_request)."""
    header = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0]
    parts = (header or query.get("X-Amz-Credential", [""])[0]).split("/")
    return (parts[-3], parts[-2].lower()) if len(parts) >= 5 else None


def _runtime(environ: dict[str, Any], path: str, region: str) -> Asked:
    _, _, endpoint, action = path.split("/", 3)
    params: dict[str, Any] = {name: environ[key] for name, key in _RUNTIME_HEADERS.items() if environ.get(key)}
    params["EndpointName"] = unquote(endpoint)
    operation = _RUNTIME.get(action, action)
    if operation == "InvokeEndpointAsync":
        params["InputLocation"] = environ.get("HTTP_X_AMZN_SAGEMAKER_INPUTLOCATION")
    else:
        params["Body"] = _body(environ)
    return Asked("sagemaker-runtime", operation, region, "rest-json", params)


def _is_form(environ: dict[str, Any]) -> bool:
    return bool(environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"))


def _body(environ: dict[str, Any]) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _as_json(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
