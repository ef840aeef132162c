"""An account of AWS as a target gives it: its clients, and what every request for it has in common."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from mlops_ci.adapters.aws.problems import guarded
from mlops_ci.adapters.aws.renewing import client_of
from mlops_ci.model import Target
from mlops_ci.model.address import Address

_TRIES = 8
"""Calls of one request, with growing pauses of up to 20 s between them: SageMaker throttles early."""

_ANSWER = 70
"""Seconds that an answer may take: an endpoint's container has 60, and its end is for SageMaker to tell, not for us."""


@dataclass(slots=True)
class Clients:
    """boto3's clients by service, made when first needed, and again in a forked child: sockets are not shared."""

    region: str = ""
    _made: dict[tuple[int, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, service: str) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        """Return the client of a service.

        Raises:
            ProviderError: boto3 is not installed, no region is known, or what it finds in files is wrong.

        """
        key = (os.getpid(), service)
        if key not in self._made:
            with self._lock:
                if key not in self._made:
                    self._made[key] = self._client(service)
        return self._made[key]

    def _client(self, service: str) -> Any:  # noqa: ANN401 - as above
        with guarded(f"{service}:*", "the account"):
            from botocore.config import Config

            config = Config(
                retries={"mode": "standard", "total_max_attempts": _TRIES},
                connect_timeout=10,
                read_timeout=_ANSWER,
                max_pool_connections=32,
            )
            return client_of(service, region_name=self.region or None, config=config)


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a target. `address` is where its store is: what jobs read and write lies below it.

    Everything made there has `tags`, of which one names the store: so a project's things are told from others'.
    """

    target: Target
    address: Address
    clients: Clients = field(default_factory=Clients, compare=False)

    @property
    def region(self) -> str:
        """The region that requests go to; raises `ProviderError` where none is known."""
        return str(self.clients.of("sagemaker").meta.region_name)

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags of everything that is made, as most services take them."""
        own = {"mlops-ci:store": str(self.address)}
        return [{"Key": key, "Value": str(value)} for key, value in {**dict(self.target.tags), **own}.items()]

    def asked(self, action: str, resource: str) -> AbstractContextManager[None]:
        """Translate what goes wrong while an action, as IAM names it, is asked for of a resource."""
        return guarded(action, resource)

    def place(self, *parts: str) -> str:
        """Return the `s3://` address of something below the store's."""
        return f"{self.address}/{'/'.join(parts)}"
