"""What a training left, read from its artifacts."""

from __future__ import annotations

import tarfile
from pathlib import Path

from mlops_ci.ports.jobs import Jobs, TrainingJob


def model_file(jobs: Jobs[TrainingJob], root: Path, key: str, name: str) -> bytes:
    digest = jobs.collect(key).digest("model")
    assert digest
    with tarfile.open(root / "store" / "artifacts" / "sha256" / digest[:2] / digest) as archive:
        found = archive.extractfile(name)
        assert found
        return found.read()
