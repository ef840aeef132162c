"""The classic script-mode examples as jobs of SageMaker, on the loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.aws.packages import Packages
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Jobs, TransformJob
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.jobs.sites import a_place
from tests.contracts.classics import SCRIPTS, ClassicsContract, Running


class TestClassicsOnSageMaker(ClassicsContract):
    @pytest.fixture
    def running(self, aws: Loopback, tmp_path: Path) -> Running:
        place = a_place(tmp_path, {path.name: path.read_text() for path in SCRIPTS.glob("*.py")})

        def transformer(package: Package) -> Jobs[TransformJob]:
            return place.site.transformer(Packages(place.site.bucket, place.artifacts), lambda _: package)

        return Running(place.site.trainer(), transformer, place.artifacts)
