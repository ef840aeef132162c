"""One server a process; its jobs end soon when they are stopped."""

from __future__ import annotations

import pytest

from mlops_ci.testing.aws.loopback import Settings


@pytest.fixture(scope="session")
def aws_settings() -> Settings:
    return Settings(stop_grace=0.5)
