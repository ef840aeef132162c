"""Notebooks of this machine. The server is a small one of our own under Jupyter's name, options and addresses: Jupyter
itself with what it needs is 215 MB, for nothing else here.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.local.environments import Environments
from mlops_ci.adapters.local.notebooks import LocalNotebooks
from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Image, Input
from mlops_ci.ports.notebooks import Notebook, NotebookSpec, NotebookState
from mlops_ci.runtime.identity import identify
from tests.adapters.local.jupyter import SERVER
from tests.e2e.tiny import wheel


@pytest.fixture(scope="module")
def requirements(tmp_path_factory: pytest.TempPathFactory) -> str:
    return wheel(tmp_path_factory.mktemp("wheels"), "jupyterlab", SERVER)


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Environments:
    return Environments(tmp_path_factory.mktemp("environments"), os.environ, Path(sys.executable), ())


@pytest.fixture
def notebooks(tmp_path: Path, environments: Environments) -> Iterator[LocalNotebooks]:
    (tmp_path / "project").mkdir()
    made = LocalNotebooks(tmp_path / "notebooks", tmp_path / "project", os.environ, environments.python_for)
    yield made
    made.stop("churn")


@pytest.fixture
def spec(requirements: str, tmp_path: Path) -> NotebookSpec:
    channels = (Input("train", str(tmp_path / "train")),)
    image = Image(requirements=requirements)
    return NotebookSpec(
        "churn", "boosting", "c" * 40, "", image, (("epochs", "3"),), (("LEVEL", "info"),), channels, "", 60
    )


def until(notebooks: LocalNotebooks, state: NotebookState) -> Notebook:
    end = time.monotonic() + 30
    while True:
        now = notebooks.status("churn")
        assert now is not None
        if now.state is state:
            return now
        assert time.monotonic() < end, now
        time.sleep(0.05)


def asked(notebook: Notebook, path: str, token: str = "") -> tuple[int, str]:
    base = notebook.url.partition("/lab")[0]
    request = urllib.request.Request(f"{base}{path}", headers={"Authorization": f"token {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_it_opens_with_the_candidates_data_and_environment_at_hand(
    notebooks: LocalNotebooks, spec: NotebookSpec, tmp_path: Path
) -> None:
    assert notebooks.status("churn") is None
    notebooks.start(spec)
    running = until(notebooks, NotebookState.RUNNING)
    assert running.candidate == "boosting"
    with urllib.request.urlopen(running.url, timeout=10) as answer:
        assert answer.status == 200
    token = running.url.partition("token=")[2]
    status, said = asked(running, "/variables", token)
    assert status == 200
    variables = json.loads(said)
    assert variables["LEVEL"] == "info"
    assert variables["SM_CHANNEL_TRAIN"] == str(tmp_path / "train")
    assert json.loads(variables["SM_HPS"]) == {"epochs": "3"}
    about = json.loads(Path(variables["MLOPS_CI_NOTEBOOK"]).read_text())
    assert (about["candidate"], about["channels"]) == ("boosting", {"train": str(tmp_path / "train")})
    assert variables["PWD"] == str(tmp_path / "project")


def test_nobody_gets_in_without_its_token_and_the_token_is_in_no_list_of_processes(
    notebooks: LocalNotebooks, spec: NotebookSpec
) -> None:
    notebooks.start(spec)
    running = until(notebooks, NotebookState.RUNNING)
    assert running.url.startswith("http://127.0.0.1:")
    assert asked(running, "/variables")[0] == 403
    token = running.url.partition("token=")[2]
    state = json.loads((notebooks.root / "churn/notebook.json").read_text())
    if sys.platform == "linux":
        assert token not in Path(f"/proc/{state['pid']}/cmdline").read_text()
    assert (notebooks.root / "churn/notebook.json").stat().st_mode & 0o077 == 0


def test_one_that_runs_is_left_as_it_is_and_seen_from_another_process(
    notebooks: LocalNotebooks, spec: NotebookSpec
) -> None:
    notebooks.start(spec)
    first = until(notebooks, NotebookState.RUNNING)
    notebooks.start(replace(spec, candidate="linear"))
    assert notebooks.status("churn") == first
    again = LocalNotebooks(notebooks.root, notebooks.project, {}, notebooks.python_for)
    assert again.status("churn") == first


def test_stop_ends_the_process_and_delete_removes_what_it_left(notebooks: LocalNotebooks, spec: NotebookSpec) -> None:
    notebooks.start(spec)
    until(notebooks, NotebookState.RUNNING)
    pid = json.loads((notebooks.root / "churn/notebook.json").read_text())["pid"]
    notebooks.stop("churn")
    assert notebooks.status("churn") is None
    assert identify(pid) is None
    notebooks.stop("churn")
    notebooks.delete("churn")
    notebooks.delete("churn")
    assert list((notebooks.root / "churn").iterdir()) == []


def test_one_that_is_idle_ends_by_itself(notebooks: LocalNotebooks, spec: NotebookSpec) -> None:
    notebooks.start(replace(spec, idle_minutes=0))
    stopped = until(notebooks, NotebookState.STOPPED)
    assert "shutting down" in stopped.detail


def test_a_pid_that_came_to_be_somebody_elses_is_not_taken_for_it(
    notebooks: LocalNotebooks, spec: NotebookSpec
) -> None:
    notebooks.start(spec)
    until(notebooks, NotebookState.RUNNING)
    notebooks.stop("churn")
    (notebooks.root / "churn/notebook.json").write_text(
        json.dumps({"pid": os.getpid(), "started": "1", "boot": "x", "port": 1, "token": "t", "page": "lab",
                    "candidate": "boosting"})
    )  # fmt: skip
    stopped = notebooks.status("churn")
    assert stopped is not None
    assert stopped.state is NotebookState.STOPPED
    notebooks.stop("churn")  # and ends nobody


def test_without_jupyter_the_hint_says_where_to_install_it(notebooks: LocalNotebooks, spec: NotebookSpec) -> None:
    with pytest.raises(ProviderError, match="Jupyter is not installed in the environment of `boosting`") as caught:
        notebooks.start(replace(spec, image=Image()))
    assert caught.value.hint.startswith(f"{sys.executable} -m pip install jupyterlab")
