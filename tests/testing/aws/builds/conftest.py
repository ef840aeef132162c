from __future__ import annotations

import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_ci.testing.aws.loopback import Loopback, Settings
from mlops_ci.testing.aws.server import loopback
from tests.testing.aws.builds.site import GITHUB, Site
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


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Iterator[Loopback]:
    settings = Settings(speed=300.0, repositories=((GITHUB, str(repository)),))  # a minute takes 0.2 s
    with loopback(tmp_path_factory.mktemp("aws"), settings=settings) as found:
        with urllib.request.urlopen(urllib.request.Request(f"{found.url}/moto-api/reset", method="POST")):
            pass
        yield found


@pytest.fixture(scope="module")
def site(aws: Loopback) -> Site:
    found = Site(Clients(aws.url))
    found.clients["s3"].create_bucket(Bucket="artifacts")
    return found
