from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.server import loopback
from tests.testing.aws.guard.clients import Clients


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    with loopback(tmp_path_factory.mktemp("aws")) as found:
        post(f"{found.url}/moto-api/reset")
        yield found


def post(url: str) -> None:
    """Ask moto to forget what other servers of this process left: its state is its modules'."""
    with urllib.request.urlopen(urllib.request.Request(url, method="POST")):
        pass


@pytest.fixture(scope="module")
def clients(aws: Loopback) -> Clients:
    """Clients as a user has them: they refuse what botocore refuses."""
    return Clients(aws.url)


@pytest.fixture(scope="module")
def raw(aws: Loopback) -> Clients:
    """Clients that send whatever they are given, as those of another language would."""
    return Clients(aws.url, validated=False)
