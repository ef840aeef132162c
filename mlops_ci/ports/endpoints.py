"""Endpoints: places that answer requests with a package."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from mlops_ci.model.rollout import Autoscaling, Capture, Rollout
from mlops_ci.plan.deployed import Deployed, EndpointState
from mlops_ci.ports.jobs import Image

__all__ = ["Answer", "Deployed", "EndpointAccess", "EndpointHost", "EndpointSpec", "EndpointState", "Package"]


@dataclass(frozen=True, slots=True)
class Package:
    """What is released. `digest` is the sha256 of the canonical description, which is itself an artifact.

    `model` and `code` are sha256 of archives in the artifact store; `entry` is the serving script in the code
    folder; `features` are the columns a row has, in order.
    """

    digest: str
    model: str
    code: str
    entry: str
    image: Image
    environment: tuple[tuple[str, str], ...]
    features: tuple[str, ...]


AT_ONCE = Rollout()


@dataclass(frozen=True, slots=True)
class EndpointSpec:
    """What an endpoint shall be: answers carry `x-mlops-ci-version: <model>/v<version>`. Port 0: keep or choose.

    `rollout`, `autoscaling` and `capture` are for hosts that have instances; another one tells them as they were asked.
    """

    environment: str
    model: str
    version: int
    package: Package
    workers: int = 1
    batching: bool = False
    port: int = 0
    instance: str = ""
    count: int = 1
    rollout: Rollout = AT_ONCE
    autoscaling: Autoscaling | None = None
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `version` is the header `x-mlops-ci-version`, `seconds` the time it took."""

    status: int
    body: bytes
    content_type: str
    version: str
    seconds: float


class EndpointHost(Protocol):
    """Runs endpoints. Implementations pass `tests/contracts/endpoints.py`. Nothing here waits but `invoke`.

    `delete` waits for what cannot be broken off: requests under way, and on a provider a change.
    """

    def describe(self) -> tuple[Deployed, ...]:
        """Return every endpoint there is, sorted by environment and model; a dead one is OutOfService."""
        ...

    def apply(self, spec: EndpointSpec) -> None:
        """Start making the endpoint so; what served before serves until the new package is warm.

        A package that does not come up leaves the old one serving, with the reason in `Deployed.detail`.
        """
        ...

    def invoke(self, environment: str, model: str, body: bytes, content_type: str, accept: str) -> Answer:
        """Return what the endpoint answers.

        Raises:
            ProviderError: nothing answers.

        """
        ...

    def ping(self, environment: str, model: str) -> int:
        """Return the HTTP status of the endpoint's `/ping`.

        Raises:
            ProviderError: nothing answers.

        """
        ...

    def delete(self, environment: str, model: str) -> None:
        """End the endpoint; does nothing where there is none."""
        ...

    def logs(self, environment: str, model: str, *, tail: int) -> tuple[str, ...]:
        """Return the last lines of the endpoint's log."""
        ...


class EndpointAccess(Protocol):
    """Lets whoever speaks plain HTTP ask an endpoint: the user's own tests, and the check of latency."""

    @property
    def refuses_misshapen(self) -> bool:
        """Whether what serves refuses rows of another shape itself, before the model's code sees them."""
        ...

    def opened(self, endpoint: Deployed) -> AbstractContextManager[str]:
        """Give a URL below which `/ping` and `/invocations` answer as a container's do, for as long as it is open.

        Answers have the header `x-mlops-ci-version`.

        Raises:
            ProviderError: it cannot be opened.

        """
        ...
