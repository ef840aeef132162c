"""Whether a command works for a pull request, as CI systems say it."""

from __future__ import annotations

import re

import pytest

from mlops_ci.adapters.pull_requests import pull_request_of
from mlops_ci.errors import UsageError


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ""),
        ({"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main"}, ""),
        ({"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/refs/pull/7/merge"}, ""),
        ({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"}, "7"),
        ({"GITHUB_EVENT_NAME": "issue_comment", "GITHUB_REF": "refs/pull/12/head"}, "12"),
        ({"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_REF": "refs/heads/main"}, "unknown"),
        ({"CODEBUILD_WEBHOOK_EVENT": "PUSH", "CODEBUILD_SOURCE_VERSION": "abc"}, ""),
        ({"CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_CREATED", "CODEBUILD_SOURCE_VERSION": "pr/9"}, "9"),
        ({"CODEBUILD_WEBHOOK_TRIGGER": "pr/10", "CODEBUILD_SOURCE_VERSION": "4f2a"}, "10"),
        ({"CODEBUILD_SOURCE_VERSION": "pr/9/../../x"}, ""),
        ({"CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_UPDATED", "CODEBUILD_SOURCE_VERSION": "4f2a"}, "unknown"),
    ],
)
def test_what_a_ci_system_says_is_believed_when_it_says_pull_request(
    environment: dict[str, str], expected: str
) -> None:
    assert pull_request_of(environment, "") == expected


@pytest.mark.parametrize("branch", ["../../etc", "a\nb", "x" * 5000, "\udcff", "main"])
def test_a_branch_of_any_name_becomes_the_name_of_a_folder(branch: str) -> None:
    for environment in (
        {"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_HEAD_REF": branch},
        {"CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_CREATED", "CODEBUILD_WEBHOOK_HEAD_REF": branch},
    ):
        assert re.fullmatch(r"branch-[0-9a-f]{12}", pull_request_of(environment, ""))


def test_what_the_command_line_says_goes_first_and_has_to_be_an_id() -> None:
    github = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"}
    assert pull_request_of(github, "mine-3.1") == "mine-3.1"
    for wrong in ("..", "a/b", "-x", " "):
        with pytest.raises(UsageError):
            pull_request_of({}, wrong)
