"""How a CI system installs mlops-ci: a line that names one commit, where it is known, and never a bare name."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mlops_ci.adapters.git.surroundings import published
from mlops_ci.commands.ci_package import EXAMPLE, Origin, line_of, names_us, origin_of, text_of
from tests.e2e.tiny import environment

GIT = {"url": "https://github.com/you/mlops-ci", "vcs_info": {"vcs": "git", "commit_id": "4f0c1d"}}


def test_an_installation_from_git_is_written_down_with_its_commit() -> None:
    origin = origin_of(json.dumps(GIT))
    assert line_of(origin, ()) == "mlops-ci @ git+https://github.com/you/mlops-ci@4f0c1d"
    assert line_of(origin, ("aws", "examples")).startswith("mlops-ci[aws,examples] @ git+https://")


@pytest.mark.parametrize("origin", [
    origin_of(""),
    origin_of(json.dumps({"url": "file:///home/ada/mlops-ci", "dir_info": {"editable": True}})),
    Origin("https://github.com/you/mlops-ci", ""),
    Origin("file:///home/ada/mlops-ci", "4f0c1d"),
    Origin("https://github.com/you/mlops ci", "4f0c1d"),
])  # fmt: skip
def test_what_only_this_machine_can_install_is_no_requirement(origin: Origin) -> None:
    assert line_of(origin, ()) == ""


def test_without_a_known_origin_the_file_installs_nothing_and_says_what_to_write() -> None:
    text = text_of("")
    assert not names_us(text)
    assert EXAMPLE in text
    assert all(line.startswith("#") for line in text.splitlines())
    assert names_us(text_of(EXAMPLE))


@pytest.mark.parametrize(("line", "expected"), [
    ("mlops-ci==0.1.0", True), ("mlops_ci[aws]", True), ("MLOPS-CI @ git+https://x/y@z", True),
    ("git+https://github.com/you/mlops-ci@4f0c1d", True), ("git+ssh://git@host/mlops-ci.git@4f0c1d", True),
    ("wheels/mlops_ci-0.1.0-py3-none-any.whl", True), ("-e ../mlops-ci", True),
    ("mlops-ci-extras", False), ("mlops-cicd", False), ("numpy # not mlops-ci", False), ("# mlops-ci", False),
])  # fmt: skip
def test_a_line_that_installs_mlops_ci_is_known(line: str, *, expected: bool) -> None:
    assert names_us(f"numpy\n  {line}\n") is expected


def test_a_checkout_names_its_commit_only_where_its_remote_has_it(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=tmp_path, env=environment(), check=True, capture_output=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "one")
    git("remote", "add", "origin", "https://ada:secret@github.com/you/mlops-ci.git")
    assert published(tmp_path, environment()) == ("", "")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    address, commit = published(tmp_path, environment())
    assert address == "https://github.com/you/mlops-ci.git"
    assert len(commit) == 40
    git("commit", "-q", "--allow-empty", "-m", "two")
    assert published(tmp_path, environment()) == ("", "")
