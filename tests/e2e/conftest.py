"""The tiny project, made anew for each test, its endpoints ended afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.copies import copied
from tests.e2e.tiny import Tiny, make


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Tiny]:
    project = make(tmp_path / "tiny")
    yield project
    project.end()


@pytest.fixture(scope="session")
def released_once(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Return the tiny project after its first `run`, its endpoints ended; it is copied, and never worked in."""
    made = make(tmp_path_factory.mktemp("once") / "tiny")
    try:
        made.run("run")
    finally:
        made.end()
    return made


@pytest.fixture
def released(released_once: Tiny, tmp_path: Path) -> Iterator[Tiny]:
    """Return the tiny project that was trained, tested and released as v1 once, and serves in both environments."""
    project = copied(released_once, tmp_path / "tiny")
    try:
        project.run("run")
        assert project.attempts() == 2
        yield project
    finally:
        project.end()
