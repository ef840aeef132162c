"""The classic script-mode examples as processes of this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.adapters.local.training import local_trainer
from mlops_ci.adapters.local.transform import local_transformer
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Jobs, TransformJob
from tests.adapters.local.workplace import environments, workshop
from tests.contracts.classics import ClassicsContract, Running, tree


class TestClassics(ClassicsContract):
    @pytest.fixture
    def running(self, tmp_path: Path) -> Running:
        shop, places = workshop(tmp_path), environments(tmp_path)
        endpoints = LocalEndpoints(tmp_path / "endpoints", shop.artifacts, places.python_for)

        def transformer(package: Package) -> Jobs[TransformJob]:
            return local_transformer(shop, lambda _: (endpoints.unpack(package), Path(sys.executable)))

        return Running(local_trainer(shop, places, tree), transformer, shop.artifacts)
