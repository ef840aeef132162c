from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.testing.aws.builds.site import Site
from tests.testing.aws.guard.clients import Clients


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of two commits, whose second one is on a branch."""
    folder = tmp_path_factory.mktemp("repository")

    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@t", *words], check=True)

    git("init", "--quiet", "--initial-branch=main")
    (folder / "buildspec.yml").write_text("version: 0.2\nphases:\n  build:\n    commands:\n      - cat words.txt\n")
    (folder / "words.txt").write_text("on main\n")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    git("checkout", "--quiet", "-b", "topic")
    (folder / "words.txt").write_text("on a branch\n")
    git("commit", "--quiet", "-am", "second")
    git("checkout", "--quiet", "main")
    return folder


@pytest.fixture(scope="session")
def site(aws_server: Loopback) -> Site:
    found = Site(Clients(aws_server.url))
    found.clients["s3"].create_bucket(Bucket="artifacts")
    return found
