"""What is long is asked for: `pytest -m soak`, which `make soak` does, runs what every other choice leaves out."""

from __future__ import annotations

import pytest

from mlops_ci.testing.aws.loopback import Settings


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect soak tests, unless the expression of `-m` speaks of them: `-m 'not e2e'` is no wish for them."""
    if "soak" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def aws_settings() -> Settings:
    """Return those of the one loopback AWS of a process, which the tests of all folders share."""
    return Settings(stop_grace=0.5, speed=300.0)
