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
    """What an endpoint is now; all from `version` to `batching`, and from `instance` on, are of what answers requests.

    `detail` says why it failed. `url` answers `/ping` and `/invocations`. `autoscaling` and `capture` are told in one
    line (`model.rollout.told`). `alarm` is what rolled the last deployment back, and `patience` the seconds that what
    is under way may take at most, where the host knows it.
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
    autoscaling: str = ""
    capture: str = ""
    alarm: str = ""
    patience: float = 0.0
