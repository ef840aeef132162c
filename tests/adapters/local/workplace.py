"""A workshop for tests: stores, environments and jobs made from a script's text."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.environments import Environments
from mlops_ci.adapters.local.installed import site_folders
from mlops_ci.adapters.local.jobs import LocalJobs
from mlops_ci.adapters.local.training import local_trainer
from mlops_ci.adapters.local.workshop import OptMl, Workshop
from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.model import MetricDefinition, Resources
from mlops_ci.ports.jobs import Code, CodeFile, Image, Input, TrainingJob
from mlops_ci.testing.trees import MemoryTree

HELLO = "import os; print('hello'); open(os.environ['SM_MODEL_DIR'] + '/model.txt', 'w').write('a model')"
BROKEN = "import sys; print('broken'); sys.exit(1)"
ENDLESS = "import time; time.sleep(600)"


def workshop(
    root: Path, *, opt_ml: OptMl = OptMl.WHERE_POSSIBLE, environment: Mapping[str, str] = os.environ
) -> Workshop:
    artifacts = FolderArtifacts(root / "store")
    return Workshop(root / "jobs", artifacts, environment, threads=1, stop_grace=5.0, opt_ml=opt_ml)


def environments(root: Path, environment: Mapping[str, str] = os.environ) -> Environments:
    return Environments(root / "environments", environment, Path(sys.executable), site_folders(sys.path))


def code(files: Mapping[str, str]) -> Code:
    placed = (CodeFile(path, f"src/{path}", blob_id(text.encode())) for path, text in sorted(files.items()))
    return Code(tuple(placed), "a digest")


def tree(files: Mapping[str, str]) -> MemoryTree:
    return MemoryTree({f"src/{path}": text.encode() for path, text in files.items()})


def trainer(root: Path, *scripts: str, shop: Workshop | None = None) -> LocalJobs[TrainingJob]:
    """Return a trainer whose tree holds these scripts."""
    files = {f"{blob_id(script.encode())}.py": script for script in scripts}
    return local_trainer(shop or workshop(root), environments(root), lambda: tree(files))


def training(
    script: str,
    *,
    channels: tuple[Input, ...] = (),
    hyperparameters: tuple[tuple[str, str], ...] = (),
    environment: tuple[tuple[str, str], ...] = (),
    image: Image | None = None,
    max_runtime: int = 60,
    metrics: tuple[MetricDefinition, ...] = (),
) -> TrainingJob:
    """Return a training job for one script."""
    name = f"{blob_id(script.encode())}.py"
    resources = Resources(max_runtime=max_runtime)
    files = code({name: script})
    return TrainingJob(
        "churn", "linear", image or Image(), files, name, channels, hyperparameters, environment, resources, metrics
    )
