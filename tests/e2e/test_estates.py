"""Estates that benchmarks measure are what real runs leave behind."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bench.estate.making import Size, make
from mlops_ci.adapters.files.records import FolderRecords
from mlops_ci.records.codec import decode
from mlops_ci.records.facts import Tested
from tests.e2e.tiny import Tiny, environment

pytestmark = pytest.mark.e2e

OWN = {"at", "started_at", "ended_at", "seconds", "commit", "base", "artifacts"}
"""What differs between two runs of the same: times, commits, and the log among what a job left."""


def facts(folder: Path) -> dict[str, Any]:
    """Return what is recorded, by name without commits, as plain data without what differs from run to run."""
    found = {}
    for name, content in FolderRecords(folder / ".mlops-ci/store").scan("m00000/"):
        fact = decode(name, content)
        at = name.rpartition("-")[0] if "/promotions/" in name or "/deployments/" in name else name
        found[at] = {key: getattr(fact, key) for key in fact.__dataclass_fields__ if key not in OWN}
        if isinstance(fact, Tested):
            found[at]["results"] = [(result.check, result.verdict, result.evidence) for result in fact.results]
    return found


def artifacts(folder: Path) -> set[str]:
    return {path.name for path in (folder / ".mlops-ci/store/artifacts").rglob("*") if path.is_file()}


def test_the_records_of_an_estate_are_those_of_a_real_run(tmp_path: Path) -> None:
    made, real = tmp_path / "made", tmp_path / "real"
    make(made, Size(1))
    shutil.copytree(made, real)
    shutil.rmtree(real / ".mlops-ci")
    project = Tiny(real, environment())
    project.git("reset", "-q", "--hard", project.git("rev-list", "--max-parents=0", "HEAD"))
    project.git("tag", "-d", "m00000/v1")
    project.run("run")
    assert facts(made) == facts(real)
    assert len(facts(made)) == 31
    logs = 2  # of training, and of the transforms; an estate has one log for all
    assert len(artifacts(real) - artifacts(made)) == logs
    assert len(artifacts(made) - artifacts(real)) == 1
    releases = [(folder / "pipelines/m00000/release.yaml").read_text() for folder in (made, real)]
    assert "version: 1" in releases[0]
    assert releases[0] == releases[1]


def test_an_estate_has_the_versions_and_records_that_were_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    make(folder, Size(2, records=12, versions=3))
    project = Tiny(folder, environment())
    assert project.run("plan", "--detailed-exitcode").out == "plan: nothing to do. 2 models are as git says.\n"
    assert project.git("tag").split() == ["m00000/v1", "m00000/v2", "m00000/v3", "m00001/v1"]
    kinds = [h["kind"] for h in project.run("history", "m00000", "--json").json()["models"][0]["happenings"]]
    assert [kinds.count(kind) for kind in ("contest", "promotion", "deployment", "test", "gate")] == [3, 3, 6, 3, 3]
    board = project.run("leaderboard", "m00000", "--every", "--json").json()
    evaluations = {entry["evaluation"] for model in board["models"] for entry in model["entries"]}
    assert len(evaluations) == 12 + 2  # twelve asked for, and those of two versions before today's
