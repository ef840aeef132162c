"""Batch transforms here, with a small stand-in for what runs in the package's environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.local.jobs import LocalJobs
from mlops_ci.adapters.local.transform import local_transformer
from mlops_ci.adapters.local.workshop import OptMl
from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Failed, FailureCause, Jobs, Succeeded, TransformJob
from tests.adapters.local.workplace import workshop
from tests.contracts.jobs import JobsContract, ended

STAND_IN = """
import argparse, json, pathlib, sys, time
parser = argparse.ArgumentParser()
for name in ("package", "rows", "content-type", "out"):
    parser.add_argument("--" + name, required=True)
parser.add_argument("--batch", type=int, required=True)
given = parser.parse_args()
how = pathlib.Path(given.package, "how").read_text()
if how == "bad":
    sys.exit("broken")
while how == "endless":
    time.sleep(1)
print("hello")
rows = open(given.rows).read().split()
if how != "silent":
    with open(given.out, "w") as stream:
        for row in rows:
            print(json.dumps([row, given.batch, vars(given)["content_type"]]), file=stream)
"""


def transformer(root: Path) -> LocalJobs[TransformJob]:
    """Return a transformer whose package digests say what their packages do."""
    (root / "rows.csv").write_text("1,2\n3,4\n")
    venv = root / "python"
    (venv / "modules").mkdir(parents=True, exist_ok=True)
    (venv / "modules" / "stand_in.py").write_text(STAND_IN)
    python = venv / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={venv}/modules exec {sys.executable} "$@"\n')
    python.chmod(0o755)

    def unpack(job: TransformJob) -> tuple[Path, Path]:
        folder = root / "packages" / job.package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "how").write_text(job.package)
        return folder, python

    return local_transformer(workshop(root, opt_ml=OptMl.NEVER), unpack, module="stand_in")


def transform(root: Path, package: str) -> TransformJob:
    return TransformJob("churn", "linear", package, str(root / "rows.csv"), "text/csv", max_runtime=60, batch=7)


class TestTransform(JobsContract[TransformJob]):
    @pytest.fixture
    def jobs(self, tmp_path: Path) -> Jobs[TransformJob]:
        return transformer(tmp_path)

    @pytest.fixture
    def good(self, tmp_path: Path) -> TransformJob:
        return transform(tmp_path, "good")

    @pytest.fixture
    def bad(self, tmp_path: Path) -> TransformJob:
        return transform(tmp_path, "bad")

    @pytest.fixture
    def endless(self, tmp_path: Path) -> TransformJob:
        return transform(tmp_path, "endless")


def test_predictions_are_kept_as_they_were_written(tmp_path: Path) -> None:
    jobs = transformer(tmp_path)
    jobs.submit(transform(tmp_path, "good"), key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded)
    digest = jobs.collect("k-1").digest("predictions")
    assert digest
    kept = tmp_path / "store" / "artifacts" / "sha256" / digest[:2] / digest
    assert kept.read_text() == '["1,2", 7, "text/csv"]\n["3,4", 7, "text/csv"]\n'


def test_a_transform_that_writes_nothing_failed(tmp_path: Path) -> None:
    jobs = transformer(tmp_path)
    jobs.submit(transform(tmp_path, "silent"), key="k-1")
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.OUTPUT


def test_rows_that_are_gone_are_a_provider_error(tmp_path: Path) -> None:
    jobs = transformer(tmp_path)
    (tmp_path / "rows.csv").unlink()
    with pytest.raises(ProviderError, match=r"rows\.csv"):
        jobs.submit(transform(tmp_path, "good"), key="k-1")
