"""Endpoints on this machine are asked where they listen."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from mlops_ci.plan.deployed import Deployed


class LocalAccess:
    """An `EndpointAccess` of endpoints that speak plain HTTP themselves."""

    refuses_misshapen = True

    def opened(self, endpoint: Deployed) -> AbstractContextManager[str]:
        """Give the endpoint's own URL."""
        return nullcontext(endpoint.url)
