"""The tiny project, made anew for each test, its endpoints ended afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.tiny import Tiny, make


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Tiny]:
    project = make(tmp_path / "tiny")
    yield project
    project.end()
