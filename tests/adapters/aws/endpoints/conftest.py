"""One store a test, in the loopback AWS of the process."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.aws.account import Account, Clients
from mlops_ci.adapters.aws.endpoints.host import SageMakerEndpoints
from mlops_ci.adapters.aws.endpoints.models import Models
from mlops_ci.adapters.aws.packages import Packages
from mlops_ci.adapters.aws.requests.endpoints import endpoint_name
from mlops_ci.adapters.aws.store.artifacts import S3Artifacts
from mlops_ci.adapters.aws.store.bucket import Bucket, Connection
from mlops_ci.adapters.aws.store.layout import Layout
from mlops_ci.model import Target
from mlops_ci.model.address import Address
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Image
from mlops_ci.testing.aws.loopback import Loopback
from tests.packages import a_package

IMAGE = Image(reference="123456789012.dkr.ecr.us-east-1.amazonaws.com/serving@sha256:" + "0" * 64)

CONNECTION = Connection()
"""What all tests of a process share: making a client of boto3 takes longer than what is tested."""


@pytest.fixture(scope="session")
def clients() -> Clients:
    return Clients("us-east-1")


@pytest.fixture
def account(aws: Loopback, clients: Clients) -> Account:
    address = Address(f"store-{uuid.uuid4().hex}", "team/")
    clients.of("s3").create_bucket(Bucket=address.bucket)
    target = Target("aws", kind="aws", store=str(address), role="arn:aws:iam::123456789012:role/serving")
    return Account(target, address, clients)


@pytest.fixture
def artifacts(account: Account, tmp_path: Path) -> S3Artifacts:
    return S3Artifacts(Layout(Bucket(account.address, connection=CONNECTION)), tmp_path / "artifacts")


def a_host(account: Account, artifacts: S3Artifacts) -> SageMakerEndpoints:
    """Return a host that touched nothing yet, as a new process has one."""
    return SageMakerEndpoints(
        account, Models(account, Packages(Bucket(account.address, connection=CONNECTION), artifacts))
    )


@pytest.fixture
def host(account: Account, artifacts: S3Artifacts) -> SageMakerEndpoints:
    return a_host(account, artifacts)


@pytest.fixture(autouse=True)
def _ended(host: SageMakerEndpoints) -> Iterator[None]:
    yield
    for endpoint in host.describe():
        host.delete(endpoint.environment, endpoint.model)


def endpoint_of(host: SageMakerEndpoints) -> str:
    """Return the name of the endpoint that serves `churn` on `staging`."""
    return endpoint_name(str(host.account.address), "staging", "churn")


def a_serving_package(artifacts: S3Artifacts, *code: str, scale: int = 1) -> Package:
    """Return a package whose image is one that SageMaker can run."""
    return replace(a_package(artifacts, *code, scale=scale), image=IMAGE)
