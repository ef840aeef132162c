"""The folders beside a store: which of them nothing uses now."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from mlops_ci.adapters.local.jobs import LocalJobs
from mlops_ci.adapters.local.worksites import LocalWorksites
from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Running, TrainingJob
from mlops_ci.ports.upkeep import Site, SiteKind
from tests.adapters.local.workplace import ENDLESS, HELLO, trainer, training

A, B, C = "a" * 64, "b" * 64, "c" * 64


def sites(root: Path) -> dict[str, Site]:
    return {site.name: site for site in LocalWorksites(root, root / "jobs").idle()}


def ended(jobs: LocalJobs[TrainingJob], key: str) -> None:
    while isinstance(jobs.status(key), Running):
        time.sleep(0.02)


def test_a_job_is_idle_when_it_ended_and_datasets_and_packages_when_no_job_runs(tmp_path: Path) -> None:
    for kind, name in (("packages", A), ("packages", B), ("datasets", C), ("datasets", "notes")):
        (tmp_path / kind / name).mkdir(parents=True)
        (tmp_path / kind / name / "x").write_bytes(b"12345")
    serving = tmp_path / "endpoints-mine/staging/tiny/serving.json"
    serving.parent.mkdir(parents=True)
    serving.write_text(json.dumps({"package": B}))
    jobs = trainer(tmp_path, HELLO, ENDLESS)
    jobs.submit(training(HELLO), key="one-1")
    jobs.submit(training(ENDLESS), key="two-1")
    ended(jobs, "one-1")
    assert set(sites(tmp_path)) == {"one-1"}, "while a job runs, what it may use stays"
    jobs.stop("two-1")
    ended(jobs, "two-1")
    found = sites(tmp_path)
    assert {name: site.kind for name, site in found.items()} == {
        "one-1": SiteKind.JOB, "two-1": SiteKind.JOB, A: SiteKind.PACKAGE, C: SiteKind.DATASET,
    }  # fmt: skip
    assert found[A].size == 5
    assert found["one-1"].size > 1000


def test_jobs_of_another_target_are_not_ours_to_remove_and_count_as_running_when_they_do(tmp_path: Path) -> None:
    (tmp_path / "datasets" / A).mkdir(parents=True)
    claimed = tmp_path / "jobs-mine" / "one-1"
    claimed.mkdir(parents=True)  # somebody is about to start it
    assert sites(tmp_path) == {}
    (claimed / "exit.json").write_text(
        json.dumps({"outcome": "succeeded", "started_at": "", "ended_at": "", "seconds": 1.0})
    )
    assert set(sites(tmp_path)) == {A}


def test_a_pull_request_s_folder_is_idle_when_none_of_its_jobs_runs(tmp_path: Path) -> None:
    (tmp_path / "pr/7/datasets" / A).mkdir(parents=True)
    (tmp_path / "pr/7/digests.json").write_text("{}")
    begun = tmp_path / "pr/8/jobs/one-1"
    begun.mkdir(parents=True)
    found = sites(tmp_path)
    assert {(name, site.kind) for name, site in found.items()} == {("7", SiteKind.PULL_REQUEST)}
    LocalWorksites(tmp_path, tmp_path / "jobs").remove(found["7"])
    assert [path.name for path in (tmp_path / "pr").iterdir()] == ["8"]


def test_a_folder_goes_with_all_that_is_in_it_and_going_twice_is_going_once(tmp_path: Path) -> None:
    worksites = LocalWorksites(tmp_path, tmp_path / "jobs")
    (tmp_path / "datasets" / A / "train").mkdir(parents=True)
    (tmp_path / "datasets" / A / "train" / "x").touch()
    site = sites(tmp_path)[A]
    worksites.remove(site)
    worksites.remove(site)
    assert list((tmp_path / "datasets").iterdir()) == []


def test_nothing_outside_is_ever_removed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    with pytest.raises(ProviderError):
        LocalWorksites(state, state / "jobs").remove(Site(SiteKind.JOB, "x", str(tmp_path / "x"), 0, 0.0))
