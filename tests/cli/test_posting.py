"""Where a review goes: the label of its project, and where the whole is read."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from threading import Event

import pytest

from mlops_ci.cli.parser import parse
from mlops_ci.cli.posting import label_of, rest_of
from mlops_ci.cli.session import Session
from mlops_ci.errors import UsageError


def session(folder: Path, *words: str) -> Session:
    return Session(parse(["comment", *words]), {}, folder, io.StringIO(), io.StringIO(), Event())


def project(root: Path, place: str) -> Path:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / place).mkdir(parents=True, exist_ok=True)
    (root / place / "mlops-ci.yaml").write_text("format: 1\n")
    return root / place


def test_a_project_at_the_top_has_our_name_and_one_in_a_folder_that_of_its_folder(tmp_path: Path) -> None:
    assert label_of(session(project(tmp_path / "one", "."))) == "mlops-ci"
    assert label_of(session(project(tmp_path / "two", "models"))) == "models"


def test_folders_with_any_name_have_labels_that_can_stand_in_a_comment_and_differ(tmp_path: Path) -> None:
    places = ("a/b", "a-b", "a b", "x --> y", "é", "n" * 70)
    labels = [label_of(session(project(tmp_path / "r", place))) for place in places]
    assert len(set(labels)) == len(places)
    assert all(label.isascii() and len(label) <= 64 and not set(label) & set(" />") for label in labels)
    assert labels[1] == "a-b"


@pytest.mark.parametrize("label", ["x -->", "a b", "a" * 65, "x\n", "é", "a/b"])
def test_a_label_that_would_be_seen_is_refused(tmp_path: Path, label: str) -> None:
    with pytest.raises(UsageError, match="is none"):
        label_of(session(project(tmp_path, "."), "--label", label))


def test_the_rest_is_in_the_summary_of_the_run_or_in_the_log_of_the_build() -> None:
    run = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "octo/models", "GITHUB_RUN_ID": "7"}
    assert rest_of(run).markdown() == "[the job's summary](https://github.com/octo/models/actions/runs/7)"
    assert rest_of({}).markdown() == "the log"
    assert rest_of({"CODEBUILD_PUBLIC_BUILD_URL": "https://x/)[a](b"}).markdown() == "the log"
