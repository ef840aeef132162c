from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.ports.stores import ArtifactStore
from mlops_ci.runtime.control import Timings
from tests.contracts.endpoints import EndpointsContract


class TestLocalEndpoints(EndpointsContract):
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> ArtifactStore:
        return FolderArtifacts(tmp_path / "store")

    @pytest.fixture
    def host(self, tmp_path: Path, artifacts: ArtifactStore) -> LocalEndpoints:
        return LocalEndpoints(
            tmp_path / "endpoints", artifacts, lambda _: Path(sys.executable), timings=Timings(drain=2.0)
        )
