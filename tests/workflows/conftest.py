"""A hub for each test: the tiny project on a GitHub of its own, its endpoints ended afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_ci.testing.github.server import loopback
from tests.e2e.tiny import make
from tests.workflows.acting import Hub, hub


@pytest.fixture
def models(tmp_path: Path) -> Iterator[Hub]:
    with loopback(tmp_path / "github") as github:
        made = hub(github, tmp_path, make(tmp_path / "tiny"))
        yield made
        made.tiny.end()
