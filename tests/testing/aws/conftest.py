"""One server a process; a bucket and names of its own a test."""

from __future__ import annotations

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.testing.aws.asking import Account


@pytest.fixture(scope="session")
def account(aws_server: Loopback) -> Account:
    """Return clients that all tests of a process share: making one takes longer than a test."""
    return Account(aws_server)
