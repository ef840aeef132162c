"""What endpoints are now, as their host describes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class EndpointState(Enum):
    """SageMaker's words for what an endpoint does."""

    CREATING = "Creating"
    UPDATING = "Updating"
    IN_SERVICE = "InService"
    FAILED = "Failed"
    OUT_OF_SERVICE = "OutOfService"


@dataclass(frozen=True, slots=True)
class Deployed:
    """What an endpoint is now; all from `version` to `batching`, `instance` and `count` are of what answers requests.

    `detail` says why it failed. `url` answers `/ping` and `/invocations`.
    """

    environment: str
    model: str
    state: EndpointState
    version: int
    package: str
    workers: int
    batching: bool
    url: str
    detail: str = ""
    instance: str = ""
    count: int = 0
