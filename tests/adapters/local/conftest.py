"""What tests of the local target share: an input, a store of artifacts, and a host of endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.ports.jobs import Input
from tests.adapters.local.hosts import a_host


@pytest.fixture
def channel(tmp_path: Path) -> Input:
    folder = tmp_path / "data" / "train"
    folder.mkdir(parents=True)
    (folder / "train.csv").write_text("a,b\n1,2\n")
    return Input("train", str(folder))


@pytest.fixture
def artifacts(tmp_path: Path) -> FolderArtifacts:
    return FolderArtifacts(tmp_path / "store")


@pytest.fixture
def host(tmp_path: Path, artifacts: FolderArtifacts) -> Iterator[LocalEndpoints]:
    made = a_host(tmp_path, artifacts)
    yield made
    for endpoint in made.describe():
        made.delete(endpoint.environment, endpoint.model)
