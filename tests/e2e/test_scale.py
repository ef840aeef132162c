"""What is read costs the same git processes whatever there is, and what is remembered never shows."""

from __future__ import annotations

import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.counting import git_processes
from bench.estate.keeping import forget
from bench.estate.making import Size, make
from mlops_ci.wiring import cores
from tests.e2e.tiny import Done, Tiny, environment

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estates") / "few"
    make(folder, Size(2))
    return folder


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estates") / "many"
    make(folder, Size(30))
    return folder


def started(folder: Path, *words: str) -> Counter[str]:
    """Return how many processes of each git verb a command of ours starts."""
    command = (sys.executable, "-m", "mlops_ci", "-C", str(folder), *words)
    return Counter(git_processes(command, folder, environment()))


def is_as_many(more: Counter[str], fewer: Counter[str]) -> bool:
    """Return whether the processes are the same, but that each core may have a reader of files of its own."""
    return not fewer - more and set(more - fewer) <= {"cat-file"} and more["cat-file"] <= max(1, cores())


@pytest.mark.parametrize("words", ["plan", "plan m00001", "status", "leaderboard"])
def test_thirty_models_take_as_many_git_processes_as_two(few: Path, many: Path, words: str) -> None:
    for folder in (few, many):
        forget(folder)
    first = started(few, *words.split())
    assert first["ls-files"] >= 1
    assert is_as_many(started(many, *words.split()), first)
    assert started(many, *words.split()) == started(few, *words.split())  # with what the first ones remembered


def test_a_review_of_thirty_models_takes_as_many_git_processes_as_one_of_two(few: Path, many: Path) -> None:
    words = ("comment", "-o", "/dev/null", "--base", "HEAD")
    first = {folder: started(folder, *words) for folder in (few, many)}
    assert started(many, *words) == started(few, *words)
    assert set(first[many] - first[few]) <= {"cat-file"}


def test_thirty_changed_models_take_as_many_git_processes_as_one(many: Path, tmp_path: Path) -> None:
    project = Tiny(Path(shutil.copytree(many, tmp_path / "work")), environment())
    edit(project, "m00000/candidates/low.yaml", "cut: 0.2", "cut: 0.3")
    one = started(project.folder, "plan")
    for number in range(1, 30):
        edit(project, f"m{number:05d}/candidates/low.yaml", "cut: 0.2", "cut: 0.3")
    assert is_as_many(started(project.folder, "plan"), one)
    assert len(project.run("plan", "--json").json()["changes"]) == 30


def test_deleting_what_was_derived_changes_no_byte_of_any_view(few: Path) -> None:
    project = Tiny(few, environment())
    views = (("plan", "-v"), ("plan", "--json"), ("status",), ("leaderboard", "--every"), ("history", "m00000"))
    before = [project.run(*view) for view in views]
    assert before[0].out.startswith("plan: nothing to do")
    after = []
    for view in views:
        forget(few)
        after.append(project.run(*view))
    assert after == before


def edit(project: Tiny, path: str, old: str, new: str) -> None:
    """Replace what a file below `pipelines` says."""
    place = project.folder / "pipelines" / path
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new))


def hyperparameter(project: Tiny) -> None:
    edit(project, "m00001/candidates/high.yaml", "cut: 0.7", "cut: 0.8")


def comment(project: Tiny) -> None:
    edit(project, "m00001/model.yaml", "owner:", "# a comment\nowner:")


def owner(project: Tiny) -> None:
    edit(project, "m00001/model.yaml", "owner: ada", "owner: eva")


def rows(project: Tiny) -> None:
    edit(project, "m00001/data/test.csv", "0.025,left", "0.026,left")


def serving(project: Tiny) -> None:
    edit(project, "m00001/src/serve/inference.py", "import csv", "import csv  # to read rows")


def committed(project: Tiny) -> None:
    hyperparameter(project)
    project.commit("cut later")


def checked_out(project: Tiny) -> None:
    project.git("checkout", "-q", "HEAD~1")


def added(project: Tiny) -> None:
    folder = project.folder / "pipelines"
    shutil.copytree(folder / "m00001", folder / "m00002")
    edit(project, "m00002/model.yaml", "m00001", "m00002")


def removed(project: Tiny) -> None:
    shutil.rmtree(project.folder / "pipelines/m00001")


def trained(project: Tiny) -> None:
    hyperparameter(project)
    project.run("train", "m00001")


def destroyed(project: Tiny) -> None:
    project.run("destroy", "production", "m00001", "--yes")


def wrong(project: Tiny) -> None:
    edit(project, "m00001/model.yaml", "metric: accuracy\n", "metric: acuracy\n")


def branch(project: Tiny) -> None:
    place = project.folder / "mlops-ci.yaml"
    place.write_text(place.read_text().replace("branch: main", "branch: elsewhere"))


def record_of(project: Tiny, kind: str) -> Path:
    return next(p for p in sorted((project.folder / ".mlops-ci/store").rglob("*"))
                if p.is_file() and re.search(rf"m00001/{kind}", p.as_posix()))  # fmt: skip


def lost(project: Tiny) -> None:
    record_of(project, "evaluations").unlink()


def damaged(project: Tiny) -> None:
    place = record_of(project, "contests")
    place.chmod(0o644)
    place.write_bytes(place.read_bytes()[:100])


EDITS = [hyperparameter, comment, owner, rows, serving, committed, checked_out, added, removed, trained, destroyed,
         wrong, branch, lost, damaged]  # fmt: skip


@pytest.mark.parametrize("change", EDITS)
def test_a_plan_from_what_an_earlier_one_remembered_is_the_plan_from_nothing(
    few: Path, tmp_path: Path, change: Callable[[Tiny], None]
) -> None:
    project = Tiny(Path(shutil.copytree(few, tmp_path / "work")), environment())
    before = plan(project)
    assert plan(project) == before
    change(project)
    remembered = plan(project)
    forget(project.folder)
    assert plan(project) == remembered
    assert plan(project) == remembered
    assert (remembered == before) == (change is comment)


def plan(project: Tiny) -> Done:
    """Return the plan as programs get it, and what is told beside it, whatever its exit code."""
    return project.run("plan", "--json", code=None)
