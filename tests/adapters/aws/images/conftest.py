"""One server a process, one empty ECR a test."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto.ecr.models import ecr_backends

from tests.adapters.aws.images.registry import Registry
from tests.executor.small_snapshots import SmallSnapshots
from tests.loopback import Loopback, loopback


@pytest.fixture(scope="session")
def server() -> Iterator[Loopback]:
    with loopback() as found:
        yield found


@pytest.fixture
def registry(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Return it empty, with an environment in which boto3 finds it."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for regions in ecr_backends.values():
        for backend in regions.values():
            backend.reset()
    server.faults.clear()
    server.calls.clear()
    return Registry(server, boto3.session.Session().client("ecr"))


@pytest.fixture
def snapshots() -> SmallSnapshots:
    return SmallSnapshots()
