"""One server a process, one bucket a test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from mlops_ci.adapters.aws.store.bucket import Bucket, Connection
from mlops_ci.model.address import Address
from tests.loopback import Loopback, loopback


@pytest.fixture(scope="session")
def server() -> Iterator[Loopback]:
    with loopback() as found:
        yield found


@pytest.fixture(scope="session")
def connection() -> Connection:
    """Return what all tests of a process share: making a client of boto3 takes longer than what is tested."""
    return Connection()


@pytest.fixture
def s3(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """Return the server, with an environment in which boto3 finds it."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))  # between two tries
    server.faults.clear()
    server.hidden.clear()
    server.is_opaque = False
    return server


@pytest.fixture
def bucket(s3: Loopback, connection: Connection) -> Bucket:
    name = f"store-{uuid.uuid4().hex}"
    s3.client().create_bucket(Bucket=name)
    s3.calls.clear()
    return Bucket(Address(name, "team/churn/"), connection=connection)
