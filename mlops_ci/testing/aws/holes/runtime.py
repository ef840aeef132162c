"""`InvokeEndpoint`: moto answers every request with one fixed body, whether there is such an endpoint or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlops_ci.testing.aws.fleets.invoking import BODY_LIMIT, invoke
from mlops_ci.testing.aws.fleets.places import Place
from mlops_ci.testing.aws.loopback import ACCOUNT, REGION

if TYPE_CHECKING:
    from mlops_ci.testing.aws.fleets.registry import Endpoints
    from mlops_ci.testing.aws.patching import Patches

PATTERN = "{0}/endpoints/(?P<name>[^/]+)/invocations$"
PATH = re.compile(r"/endpoints/([^/]+)/invocations/?")
HOST = f"runtime.sagemaker.{REGION}.amazonaws.com"


def route(endpoints: Endpoints, patches: Patches) -> Callable[[], None]:
    """Send requests to the processes; those too that nobody signed, as a load test sends them. Return how to end it.

    moto reads every body as text before it looks at it, so the way is changed before that.
    """
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication
    from moto.sagemakerruntime import urls

    before = urls.url_paths[PATTERN]
    urls.url_paths[PATTERN] = _answering(endpoints)
    inferred = patches.put(DomainDispatcherApplication, "infer_service_region_host", None)
    patches.put(DomainDispatcherApplication, "infer_service_region_host", _inferring(inferred))

    def end() -> None:
        urls.url_paths[PATTERN] = before

    return end


def _inferring(inferred: Callable[..., Any]) -> Callable[..., Any]:
    def infer_service_region_host(self: Any, environ: dict[str, Any], path: str) -> str | None:  # noqa: ANN401
        if not environ.get("HTTP_AUTHORIZATION") and PATH.fullmatch(path):
            return HOST
        found: str | None = inferred(self, environ, path)
        return found

    return infer_service_region_host


def _answering(endpoints: Endpoints) -> Callable[..., Any]:
    def answer(request: Any, full_url: str, headers: Any) -> tuple[int, dict[str, str], bytes]:  # noqa: ANN401
        del full_url
        match = PATH.search(request.path)
        name = match[1] if match else ""
        signed = re.search(r"Credential=[^/]*/\d+/([^/]+)/", headers.get("Authorization", ""))
        place = Place(headers.get("x-moto-account-id", ACCOUNT), signed[1] if signed else REGION)
        endpoint = endpoints.find(place, name) if signed else endpoints.find_anywhere(name)
        # What is over the limit is read all the same: the client shall read our answer, and not a reset.
        body = request.get_data() if (request.content_length or 0) <= 16 * BODY_LIMIT else b"\0" * (BODY_LIMIT + 1)
        given = {key.lower(): value for key, value in headers.items()}
        reply = invoke(endpoint, (name, place.account), given, body, endpoints.observe)
        return reply.status, dict(reply.headers), reply.body

    return answer
