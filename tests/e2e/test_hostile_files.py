"""Files that somebody made to harm, in a real repository, given to the real command with little memory and time."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.adapters.git.repository import GitRepository
from tests.soak.bad_inputs import BASE, CANDIDATE, HOSTILE, MODEL, RAW
from tests.soak.judging import write

pytestmark = pytest.mark.e2e

MEMORY, SECONDS = 1 << 30, 120
ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "OPENBLAS_NUM_THREADS": "1",
}  # fmt: skip
OUTSIDE = {
    "candidates/linked.yaml": "/etc/hostname", "model.yaml": "../../../outside.yaml", "src/train/one.py": "/dev/zero",
    "src/shared": "..", "data/rows.csv": "/dev/zero", "data": "/proc/self", "release.yaml": "release.yaml",
    "candidates": "../../..", "": "/etc", "src/serve/inference.py": "../../../nowhere",
}  # fmt: skip
"""Symbolic links by their place in a model's folder, and where they lead: abroad, to a device, in a circle, nowhere."""


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)


def repository(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Return a project with these files, in a subfolder of a new repository."""
    write(folder / "place", files)
    git(folder, "init", "-q", "-b", "main")
    return folder / "place"


def copied(name: str) -> dict[str, bytes]:
    """Return the base's model under another name."""
    said = f"name: {json.dumps(name, ensure_ascii=False)}\n".encode()
    return {
        path.replace("pipelines/m/", f"pipelines/{name}/"): found.replace(b"name: m\n", said)
        for path, found in BASE.items()
        if path.startswith("pipelines/")
    }


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def validate(place: Path, code: int) -> list[dict[str, Any]]:
    """Return what the command found, having checked that it ended as it should, in its bounds."""
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci", "validate", "--json"],
        cwd=place, env=ENVIRONMENT, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False,
        preexec_fn=limit,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    return list(json.loads(done.stdout)["diagnostics"])


def test_no_content_of_a_manifest_brings_the_command_down(tmp_path: Path) -> None:
    files = {f"pipelines/m/candidates/c{at}.yaml": content for at, content in enumerate(RAW.values())}
    found = validate(repository(tmp_path, {**BASE, **files}), 65)
    wrong = {problem["path"] for problem in found if problem["severity"] == "error"}
    assert {name: path in wrong for name, path in zip(RAW, files, strict=True)} == dict.fromkeys(RAW, True)


def test_no_name_of_a_file_or_a_folder_brings_the_command_down(tmp_path: Path) -> None:
    plain = (name.replace("/", "_").encode()[:200].decode(errors="ignore") for name in HOSTILE)
    names = sorted({*plain} - {"", ".", ".."})
    files = {f"pipelines/m/candidates/{name}.yaml": BASE[CANDIDATE] for name in names}
    for name in names:
        files |= copied(name)
    place = repository(tmp_path, {**BASE, **files})
    rows = place / "pipelines/m/data/rows.csv"
    rows.rename(rows.with_name(os.fsdecode(b"\xff.csv")))
    git(place, "add", "-A")  # as what git tracks, and in the next line as what it would add
    (place / "pipelines/m/candidates/line\nend.yaml").write_bytes(BASE[CANDIDATE])
    found = validate(place, 65)
    told = {(problem["path"], problem["code"]) for problem in found}
    for name in {*names, "line\nend"} - {"null", "1e999"}:  # such a name is one
        assert (f"pipelines/m/candidates/{name}.yaml", "bad-name") in told, name
    for name in {*names} - {"null", "1e999"}:
        assert {code for path, code in told if path.startswith(f"pipelines/{name}/")}, name
    assert (MODEL, "missing-file") in told
    assert not (place / "owned").exists()


def linked(place: Path, model: str, below: str, target: str) -> None:
    """Put a link in the place of a file or folder of a model."""
    at = place / "pipelines" / model / below
    if at.is_dir() and not at.is_symlink():
        at.rename(place / f"moved-{model}")
    at.unlink(missing_ok=True)
    at.symlink_to(target)


@pytest.mark.parametrize("tracked", [True, False])
def test_a_symbolic_link_is_told_and_nothing_is_read_through_it(tmp_path: Path, *, tracked: bool) -> None:
    files = dict(BASE)
    for at in range(len(OUTSIDE)):
        files |= copied(f"n{at}")
    place = repository(tmp_path, files)
    (tmp_path / "outside.yaml").write_bytes(BASE[MODEL])
    for at, (below, target) in enumerate(OUTSIDE.items()):
        linked(place, f"n{at}", below, target)
    if tracked:
        git(place, "add", "-A")
    found = validate(place, 65)
    links = [problem for problem in found if problem["code"] == "symbolic-link"]
    assert {problem["path"].split("/")[1] for problem in links} == {f"n{at}" for at in range(len(OUTSIDE))}
    assert not any(problem["path"].startswith("pipelines/m/") for problem in found)


def test_a_project_file_or_a_folder_of_models_that_is_a_link_is_told(tmp_path: Path) -> None:
    place = repository(tmp_path, BASE)
    (place / "pipelines").rename(tmp_path / "elsewhere")
    (place / "pipelines").symlink_to("../elsewhere")
    assert [(p["path"], p["code"]) for p in validate(place, 65)] == [("pipelines", "symbolic-link")]
    (place / "mlops-ci.yaml").rename(tmp_path / "project.yaml")
    (place / "mlops-ci.yaml").symlink_to("../project.yaml")
    assert [(p["path"], p["code"]) for p in validate(place, 65)] == [("mlops-ci.yaml", "symbolic-link")]


def test_data_that_git_ignores_may_be_a_link_because_it_is_known_by_its_bytes(tmp_path: Path) -> None:
    place = repository(tmp_path, {**BASE, ".gitignore": b"data\n"})
    (place / "pipelines/m/data").rename(tmp_path / "disk")
    (place / "pipelines/m/data").symlink_to(tmp_path / "disk")
    assert validate(place, 0) == []


def test_a_link_is_no_file_of_a_snapshot_whether_committed_or_not(tmp_path: Path) -> None:
    place = repository(tmp_path, BASE)
    write(tmp_path / "far", {"x.py": b"secret"})
    (place / "pipelines/m/src/shared").symlink_to("../../../../far")
    (place / "pipelines/m/src/train/two.py").symlink_to("one.py")
    opened = GitRepository(place, branch="main", remote="", environment=ENVIRONMENT)
    before = opened.worktree()
    before.blobs("")  # listed before git is told of the links
    git(place, "add", "-A")
    git(place, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "links")
    committed = opened.tree(opened.head().commit)
    links = ("pipelines/m/src/shared", "pipelines/m/src/train/two.py")
    for tree in (before, opened.worktree(), committed):
        assert tree.links("") == links
        assert {path for path, _ in tree.blobs("")} == set(BASE)
        for path in (*links, "pipelines/m/src/shared/x.py"):
            with pytest.raises(FileNotFoundError):
                tree.read(path)


def test_a_folder_that_a_link_took_the_place_of_is_gone_with_its_files(tmp_path: Path) -> None:
    place = repository(tmp_path, BASE)
    git(place, "add", "-A")
    (place / "pipelines/m/src").rename(tmp_path / "far")
    (place / "pipelines/m/src").symlink_to("../../../far")
    tree = GitRepository(place, branch="main", remote="", environment=ENVIRONMENT).worktree()
    assert tree.links("") == ("pipelines/m/src",)
    assert {path for path, _ in tree.blobs("")} == {path for path in BASE if "/src/" not in path}
