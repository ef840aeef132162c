"""A protected branch, as GitHub protects one: every move is a pull request, and a merge in any way lets it go on."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.testing.github.loopback import GitHub
from tests.e2e.tiny import Tiny

pytestmark = pytest.mark.e2e
NAME = "octo/protected"


@dataclass(frozen=True)
class Protected:
    """The tiny project, whose remote is a repository on GitHub with a protected `main`."""

    tiny: Tiny
    github: GitHub

    def pulls(self) -> list[Any]:
        """Return the open pull requests, oldest first."""
        return [pull for _, pull in sorted(self.github.find(NAME).pulls.items()) if pull.state == "open"]

    def merge(self, number: int, method: str, title: str = "") -> None:
        """Merge one, as a person does on the page."""
        body = {"merge_method": method, **({"commit_title": title} if title else {})}
        request = urllib.request.Request(
            f"{self.github.url}/repos/{NAME}/pulls/{number}/merge", json.dumps(body).encode(), method="PUT",
            headers={"Authorization": f"Bearer {self.github.token(NAME, login='grace')}"},
        )  # fmt: skip
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)["merged"]


@pytest.fixture
def protected(tiny: Tiny, github_server: GitHub) -> Protected:
    tiny.replace("model.yaml", "promotion:\n", "promotion:\n  mode: pull_request\n")
    tests = "  latency: {max_ms: 5000, requests: 120, concurrency: 2}\n  pytest: [tests]\n"
    tiny.replace("model.yaml", tests, "  skip: [latency, parity, robustness]\n")
    tiny.push("propose")
    remote = Path(tiny.git("remote", "get-url", "origin").removeprefix("file://"))
    github_server.repositories.pop(NAME, None)
    github_server.repository(NAME, bare=remote)
    github_server.protect(NAME, "main")
    given = tiny.environment | github_server.environment(NAME)
    return Protected(replace(tiny, environment=given), github_server)


def test_from_a_promotion_to_production_and_back_by_merges_of_every_kind(protected: Protected) -> None:
    tiny = protected.tiny
    main = tiny.git("ls-remote", "origin", "refs/heads/main")
    done = tiny.run("run", code=75)
    (pull,) = protected.pulls()
    assert (pull.branch, pull.base, pull.title) == ("mlops-ci/tiny/promote", "main", "Promote tiny v1: middle")
    assert "| candidate |" in pull.body
    assert f"/{NAME}/pull/{pull.number}, then mlops-ci run tiny" in done.out + done.err
    assert tiny.git("ls-remote", "origin", "refs/heads/main") == main
    again = tiny.run("promote", "--may-wait")
    assert f"pull request #{pull.number} waits" in again.out + again.err
    assert [p.number for p in protected.pulls()] == [pull.number]
    assert f"by pull request #{pull.number}" in tiny.run("plan").out

    protected.merge(pull.number, "squash", "Our forest goes out")
    tiny.run("run", code=75)
    assert tiny.ask("staging")[2] == "tiny/v1"
    assert tiny.git("ls-remote", "--tags", "origin", "tiny/v1") != ""
    (pull,) = protected.pulls()
    assert pull.title == "Deploy tiny v1 to production"
    assert "passed on `staging`" in pull.body

    protected.merge(pull.number, "rebase")
    tiny.run("deploy", "production")
    assert tiny.ask("production")[2] == "tiny/v1"
    tiny.run("plan", "--detailed-exitcode")
    told = [h["kind"] for h in tiny.run("history", "tiny", "--json").json()["models"][0]["happenings"]]
    assert (told.count("promotion"), told.count("deployment")) == (1, 2)

    tiny.run("rollback", "production", "tiny", "--to", "v1", "--why", "a try", code=75)
    (pull,) = protected.pulls()
    protected.merge(pull.number, "merge")
    tiny.run("deploy", "production")
    assert tiny.environment_of("production")["held"]["why"] == "a try"
    assert tiny.changes() == []


def test_a_branch_protected_without_our_knowing_refuses_with_the_word_that_helps(protected: Protected) -> None:
    tiny = protected.tiny
    protected.github.protect(NAME)
    tiny.replace("model.yaml", "  mode: pull_request\n", "")
    tiny.push("commit again")
    protected.github.protect(NAME, "main")
    done = tiny.run("run", code=69)
    assert "GH006: Protected branch update failed" in done.err + done.out
    assert "`promotion: {mode: pull_request}` in model.yaml" in done.err + done.out
