"""The account of a target on the loopback: a bucket and a project of its own a test."""

from __future__ import annotations

import uuid

import pytest

from mlops_ci.adapters.aws.account import Account, Clients
from mlops_ci.model import Target
from mlops_ci.model.address import Address
from mlops_ci.testing.aws.loopback import Loopback

ROLE = "arn:aws:iam::123456789012:role/mlops-ci"


@pytest.fixture(scope="session")
def clients() -> Clients:
    """Return what all tests of a process share: making a client of boto3 takes longer than what is tested."""
    return Clients("us-east-1")


@pytest.fixture
def account(aws: Loopback, clients: Clients) -> Account:
    del aws  # boto3 sees it
    address = Address(f"store-{uuid.uuid4().hex[:12]}", "team/tiny/")
    clients.of("s3").create_bucket(Bucket=address.bucket)
    return Account(Target("aws", "aws", str(address), role=ROLE, tags=(("team", "churn"),)), address, clients)
