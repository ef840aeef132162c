"""What is long is asked for: `pytest -m soak`, which `make soak` does, runs what every other choice leaves out."""

from __future__ import annotations

from itertools import count

import pytest

from mlops_ci.testing.aws.loopback import Settings
from mlops_ci.testing.github.loopback import GitHub
from tests.github import GitHubPlace

_numbers = count(1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect soak tests, unless the expression of `-m` speaks of them: `-m 'not e2e'` is no wish for them."""
    if "soak" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def aws_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return those of the one loopback AWS of a process, which the tests of all folders share.

    To its builds a link `ada-tiny.git` in the session's folder stands for a repository of GitHub, where one is made.
    """
    place = tmp_path_factory.getbasetemp() / "ada-tiny.git"
    repositories = (("https://github.com/ada/tiny.git", str(place)),)
    return Settings(stop_grace=0.5, speed=300.0, repositories=repositories)


@pytest.fixture
def github_place(github_server: GitHub) -> GitHubPlace:
    """Return a repository of its own on the loopback GitHub: `name`, `reviews()`, and what other people do there."""
    name = f"octo/models-{next(_numbers)}"
    github_server.repository(name)
    github_server.traffic.reset()
    github_server.faults.clear()
    return GitHubPlace(github_server, name)
