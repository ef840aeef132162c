"""One loopback GitHub a session; each test has a repository of its own in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from mlops_ci.testing.github.loopback import GitHub
from mlops_ci.testing.github.server import loopback
from tests.github import GitHubPlace

_numbers = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHub]:
    with loopback(tmp_path_factory.mktemp("github")) as github:
        yield github


@pytest.fixture
def place(server: GitHub) -> GitHubPlace:
    name = f"octo/models-{next(_numbers)}"
    server.repository(name)
    server.traffic.reset()
    server.faults.clear()
    return GitHubPlace(server, name)
