"""A pull request as CodeBuild's webhook builds it: validated, and commented on at the loopback GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.github.asked import Asked
from mlops_ci.testing.github.heads import fresh
from mlops_ci.testing.github.loopback import GitHub
from mlops_ci.testing.github.pulls import opened
from mlops_ci.testing.github.state import Token
from tests.buildspecs.pipeline import ended, made, told
from tests.buildspecs.site import with_builds
from tests.buildspecs.template import STACK, Stack
from tests.e2e.clouds import client
from tests.e2e.tiny import CANDIDATE, Tiny, make

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory,
    aws_server: Loopback,
    github_server: GitHub,
    aws_settings: Any,  # noqa: ANN401
) -> Iterator[Tiny]:
    """A project whose repository is `ada/tiny`, to GitHub and to CodeBuild, with a pull request 1."""
    tiny = make(tmp_path_factory.mktemp("pull") / "tiny")
    with_builds(tiny)
    tiny.push("the loop")
    bare = Path(tiny.git("remote", "get-url", "origin").removeprefix("file://"))
    github_server.repository("ada/tiny", bare=bare)
    ((_, place),) = aws_settings.repositories
    Path(place).symlink_to(bare)
    tiny.git("checkout", "-q", "-b", "better")
    tiny.write("candidates/better.yaml", CANDIDATE.format(cut=0.5))
    tiny.commit("a better candidate")
    tiny.git("push", "-q", "origin", "better")
    asked = Asked(github_server, "", {}, {}, None, Token("", "ada", "*", {}, is_app=False))
    opened(asked, github_server.find("ada/tiny"), {"title": "Add better", "head": "ada:better", "base": "main"})
    secrets = client(aws_server, "secretsmanager")
    with suppress(secrets.exceptions.ResourceExistsException):
        secrets.create_secret(
            Name="mlops-ci/github", SecretString=json.dumps({"token": github_server.token("ada/tiny")})
        )
    made(
        client(aws_server, "codebuild"),
        Stack(STACK.given | {"AWS::StackName": "pulls"}),
        {"GITHUB_API_URL": github_server.url},
    )
    yield tiny
    Path(place).unlink()


def built(aws: Loopback, github: GitHub) -> tuple[dict[str, Any], str]:
    """Return a build of pull request 1 as the webhook starts it, ended, and its log."""
    fresh(github, github.find("ada/tiny"))  # what is cloned here is the folder: nobody asks GitHub for its refs
    codebuild = client(aws, "codebuild")
    variables = [{"name": "CODEBUILD_WEBHOOK_EVENT", "value": "PULL_REQUEST_UPDATED"}]
    build = codebuild.start_build(
        projectName="pulls-pull-request", sourceVersion="pr/1", timeoutInMinutesOverride=2000,
        environmentVariablesOverride=variables,
    )["build"]["id"]  # fmt: skip
    found = ended(codebuild, build)
    return found, told(client(aws, "logs"), found)


def test_it_is_commented_on_and_another_commit_changes_the_comment(
    project: Tiny, aws_server: Loopback, github_server: GitHub
) -> None:
    build, log = built(aws_server, github_server)
    assert build["buildStatus"] == "SUCCEEDED", log
    (comment,) = github_server.comments(1, "ada/tiny")
    assert "better" in comment
    (report,) = client(aws_server, "codebuild").batch_get_reports(reportArns=build["reportArns"])["reports"]
    assert report["status"] == "SUCCEEDED"
    assert report["testSummary"]["total"] >= 2
    token = next(token for token, one in github_server.tokens.items() if one.repository == "ada/tiny")
    assert token not in log
    assert token not in comment

    project.replace("candidates/better.yaml", "hyperparameters", "hyperparametres")
    project.commit("a slip")
    project.git("push", "-q", "origin", "better")
    build, log = built(aws_server, github_server)
    assert build["buildStatus"] == "FAILED"
    (comment,) = github_server.comments(1, "ada/tiny")
    assert "hyperparametres" in comment
    (report,) = client(aws_server, "codebuild").batch_get_reports(reportArns=build["reportArns"])["reports"]
    assert report["status"] == "FAILED"
