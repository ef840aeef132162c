"""`validate` as a process, in a project that is a subfolder of its repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.manifest.trees_of_cases import GOLDEN, files_of

ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
}  # fmt: skip
MODEL, CANDIDATE = "pipelines/m/model.yaml", "pipelines/m/candidates/one.yaml"


def project(folder: Path, **changed: bytes) -> Path:
    """Return a project in `models/` of a new git repository; files are named as their last part."""
    place = folder / "models"
    for path, content in files_of(GOLDEN / "base").items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(changed.get(Path(path).stem.replace("-", "_"), content))
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, env=ENVIRONMENT, check=True)
    return place


def validate(place: Path, *arguments: str, code: int) -> tuple[str, str]:
    """Return what the command printed on stdout and stderr, having checked its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci", "validate", *arguments],
        cwd=place, env=ENVIRONMENT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


BAD = {
    "mlops_ci": b"format: 1\nbrnch: main\n",
    "model": (GOLDEN / "base" / MODEL).read_bytes().replace(b"label: left", b"label: gone"),
    "one": b"format: 1\nscript: src/train/one.py\nframework: sklearn\nseed: one\n",
}
PLACES = [
    ("mlops-ci.yaml", 2, 1, "unknown-key"),
    (CANDIDATE, 4, 7, "wrong-type"),
    (MODEL, 6, 10, "unknown-column"),
]


def test_every_problem_of_every_file_is_told_at_once_also_where_the_project_is_wrong(tmp_path: Path) -> None:
    out, err = validate(project(tmp_path, **BAD), code=65)
    assert out == ""
    assert [line.split("--> ")[1] for line in err.splitlines() if "--> " in line] == [
        f"{path}:{line}:{column}" for path, line, column, _ in PLACES
    ]
    assert "3 errors in 3 files" in err


def test_each_format_tells_the_same_in_the_same_order_and_exits_with_65(tmp_path: Path) -> None:
    place = project(tmp_path, **BAD)
    out, _ = validate(place, "--format", "json", code=65)
    assert [(d["path"], d["line"], d["column"], d["code"]) for d in json.loads(out)["diagnostics"]] == PLACES
    out, err = validate(place / "pipelines", "--format", "github", code=65)
    assert err == ""
    assert [line.split("endLine")[0] for line in out.splitlines()] == [
        f"::error file=models/{path},line={line},col={column}," for path, line, column, _ in PLACES
    ]
    (run,) = json.loads(validate(place, "--format", "sarif", code=65)[0])["runs"]
    found = [(r["ruleId"], r["locations"][0]["physicalLocation"]) for r in run["results"]]
    assert [
        (at["artifactLocation"]["uri"], at["region"]["startLine"], at["region"]["startColumn"], code)
        for code, at in found
    ] == [(f"models/{path}", *rest) for path, *rest in PLACES]
    assert all(rule["help"]["text"] for rule in run["tool"]["driver"]["rules"])
    assert validate(place, "--format", "sarif", code=65) == validate(place, "--format", "sarif", code=65)


@pytest.mark.parametrize("named", [["--format", "text"], ["--format", "md"], ["--format", "github"], []])
def test_warnings_alone_exit_with_0(tmp_path: Path, named: list[str]) -> None:
    warned = b"format: 1\nscript: src/train/one.py\nsources: [src/train/**, none/**]\n"
    out, err = validate(project(tmp_path, one=warned), *named, code=0)
    assert "matches no file" in (err if named in ([], ["--format", "text"]) else out)


def test_the_flags_from_before_are_kept_and_only_one_format_is_taken(tmp_path: Path) -> None:
    place = project(tmp_path)
    assert validate(place, "--json", code=0) == validate(place, "--format", "json", code=0)
    assert validate(place, "--md", code=0) == validate(place, "--format", "md", code=0)
    assert "not allowed with argument" in validate(place, "--json", "--format", "sarif", code=64)[1]
    assert "invalid choice: 'xml'" in validate(place, "--format", "xml", code=64)[1]


def test_outside_of_a_project_or_a_repository_the_formats_say_so_without_a_place(tmp_path: Path) -> None:
    out, _ = validate(tmp_path, "--format", "github", code=65)
    assert out.startswith("::error title=no-project::")
    (tmp_path / "mlops-ci.yaml").write_text("format: 1\n")
    (run,) = json.loads(validate(tmp_path, "--format", "sarif", code=65)[0])["runs"]
    assert [(r["ruleId"], "locations" in r) for r in run["results"]] == [("no-git", False)]


def test_in_a_workflow_no_line_of_a_manifest_is_a_command_to_the_runner(tmp_path: Path) -> None:
    base = files_of(GOLDEN / "base")[MODEL]
    place = project(tmp_path, model=base + b'ownr: "##[set-output name=matrix]{}" \n')
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci", "validate"], env=ENVIRONMENT | {"GITHUB_ACTIONS": "true"},
        cwd=place, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 65
    assert "##[" not in done.stdout + done.stderr
    assert "#\\#[set-output name=matrix]" in done.stderr
