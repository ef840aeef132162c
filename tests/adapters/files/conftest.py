"""Datasets in a folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.files.datasets import LocalDatasets
from tests.words.stores import Folder


@pytest.fixture
def datasets(tmp_path: Path) -> LocalDatasets:
    project = tmp_path / "project"
    project.mkdir()
    return LocalDatasets(
        root=tmp_path / "datasets", cache=tmp_path / "cache.json", project=project, artifacts=Folder(tmp_path / "kept")
    )
