"""botocore's service models, each read once in a process."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def service_model(service: str) -> dict[str, Any]:
    """Return the model of a service by botocore's name of it, as AWS publishes it. SageMaker's takes 0.2 s."""
    from botocore.loaders import Loader

    found: dict[str, Any] = Loader().load_service_model(service, "service-2")
    return found
