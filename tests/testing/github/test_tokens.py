"""Tokens of the loopback GitHub may what they were given, in the repository that they are for."""

from __future__ import annotations

import pytest

from mlops_ci.testing.github.state import RIGHTS
from tests.github import GitHubPlace
from tests.testing.github.asking import ask


@pytest.mark.parametrize("right", RIGHTS)
@pytest.mark.parametrize("level", ["none", "read", "write"])
def test_each_right_opens_its_own_part_and_no_other(github_place: GitHubPlace, right: str, level: str) -> None:
    found = github_place.open("feature")
    github_place.approve("7")
    github_place.repository.is_private = True
    token = github_place.github.token(github_place.name, **{right: level})
    root = f"{github_place.github.url}/repos/{github_place.name}"
    deeds = {
        ("actions", "read"): ("GET", "/actions/runs/7/approvals", None),
        ("checks", "read"): ("GET", f"/commits/{found.commit}/check-runs", None),
        ("checks", "write"): ("POST", "/check-runs", {"name": "plan", "head_sha": found.commit}),
        ("issues", "read"): ("GET", f"/issues/{found.number}/comments", None),
        ("issues", "write"): ("POST", f"/issues/{found.number}/comments", {"body": "x"}),
        ("pull_requests", "read"): ("GET", f"/pulls/{found.number}", None),
        ("pull_requests", "write"): ("PATCH", f"/pulls/{found.number}", {"title": "x"}),
        ("statuses", "read"): ("GET", f"/commits/{found.commit}/statuses", None),
        ("statuses", "write"): ("POST", f"/statuses/{found.commit}", {"state": "success"}),
        ("contents", "write"): ("PUT", f"/pulls/{found.number}/merge", {}),
    }
    for (needs, how), (method, path, body) in deeds.items():
        # a pull request is an issue too, so to talk there either right will do
        is_right = needs == right or (needs == "issues" and right == "pull_requests")
        may = is_right and level in {"write", how}
        said = ask(root + path, method, body, token)
        assert (said.status < 300) is may, (needs, how, said)
        if not may:
            assert (said.status, said.body["message"]) == (403, "Resource not accessible by integration")
            assert f"{needs}={how}" in said.headers["x-accepted-github-permissions"]


def test_what_is_public_may_be_read_by_all_and_written_by_none_without_a_token(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    root = f"{github_place.github.url}/repos/{github_place.name}"
    assert ask(f"{root}/pulls/{number}").status == 200
    assert ask(f"{root}/issues/{number}/comments", "POST", {"body": "x"}).status == 401
    assert ask(f"{root}/pulls/{number}", token="ghs_unknown").body["message"] == "Bad credentials"  # noqa: S106


def test_what_is_private_is_not_found_by_tokens_of_other_repositories(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    github_place.repository.is_private = True
    github_place.github.repository("octo/elsewhere")
    url = f"{github_place.github.url}/repos/{github_place.name}/pulls/{number}"
    assert ask(url, token=github_place.github.token("octo/elsewhere")).status == 404
    assert ask(url).status == 404


def test_a_token_of_an_app_learns_who_it_is_by_graphql_alone(github_place: GitHubPlace) -> None:
    github = github_place.github
    for login, status in (("github-actions[bot]", 403), ("ada", 200)):
        token = github.token(github_place.name, login=login)
        assert ask(f"{github.url}/user", token=token).status == status
        query = {"query": "query { viewer { login } }"}
        assert ask(f"{github.url}/graphql", "POST", query, token).body == {"data": {"viewer": {"login": login}}}


def test_requests_are_counted_an_hour_and_a_token(github_place: GitHubPlace) -> None:
    github = github_place.github
    token = github.token(github_place.name)
    url = f"{github.url}/repos/{github_place.name}"
    assert ask(url, token=token).headers["x-ratelimit-remaining"] == "4999"
    github.limits.leave(token, 1, until=github.now() + 60)
    assert ask(url, token=token).headers["x-ratelimit-remaining"] == "0"
    over = ask(url, token=token)
    assert (over.status, over.headers["x-ratelimit-remaining"]) == (403, "0")
    assert over.body["message"].startswith("API rate limit exceeded")
    assert ask(f"{github.url}/rate_limit", token=token).body["rate"]["remaining"] == 0
    github.limits.leave(token, 0, until=github.now() - 1)
    assert ask(url, token=token).headers["x-ratelimit-used"] == "1"


def test_a_right_that_there_is_not_is_refused_when_the_token_is_made(github_place: GitHubPlace) -> None:
    with pytest.raises(ValueError, match="`pulls` is no right"):
        github_place.github.token(github_place.name, pulls="write")
