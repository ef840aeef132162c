from __future__ import annotations

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.testing.aws.guard.clients import Clients


@pytest.fixture(scope="session")
def aws(aws_server: Loopback) -> Loopback:
    return aws_server


@pytest.fixture(scope="session")
def clients(aws: Loopback) -> Clients:
    """Clients as a user has them: they refuse what botocore refuses."""
    return Clients(aws.url)


@pytest.fixture(scope="session")
def raw(aws: Loopback) -> Clients:
    """Clients that send whatever they are given, as those of another language would."""
    return Clients(aws.url, validated=False)
