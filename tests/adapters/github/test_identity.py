"""Whoever the token is, its own comments are found again, and nobody else's."""

from __future__ import annotations

import pytest

from tests.github import GitHubPlace

MARKER = "<!-- mlops-ci:churn -->"
ONE, TWO = f"{MARKER}\none", f"{MARKER}\ntwo"


@pytest.mark.parametrize("login", ["github-actions[bot]", "release-helper[bot]", "ada"])
def test_a_comment_is_found_again_by_the_same_author_alone(github_place: GitHubPlace, login: str) -> None:
    number = github_place.open("feature").number
    github_place.login = "mallory" if login == "ada" else "other-app[bot]"
    github_place.reviews().comment(number, MARKER, f"{MARKER}\ntheirs")
    github_place.login = login
    github_place.reviews().comment(number, MARKER, ONE)
    assert github_place.reviews().comment(number, MARKER, TWO).action == "updated"
    assert github_place.comments(number) == [f"{MARKER}\ntheirs", TWO]


def test_who_we_are_is_asked_only_where_a_comment_could_be_ours(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    calls = github_place.github.traffic
    github_place.say(number, "nice")
    github_place.reviews().comment(number, MARKER, ONE)
    assert [call.partition(" ")[0] for call in calls.calls] == ["GET", "POST", "GET"]
    calls.reset()
    github_place.reviews().comment(number, MARKER, TWO)
    assert [call.partition("/repos")[0] for call in calls.calls] == ["GET ", "POST /graphql", "PATCH "]


def test_a_comment_on_the_second_page_is_found(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    for index in range(130):
        github_place.say(number, f"comment {index}")
    github_place.reviews().comment(number, MARKER, ONE)
    assert github_place.reviews().comment(number, MARKER, TWO).action == "updated"
    assert github_place.comments(number)[-1] == TWO
    assert len(github_place.comments(number)) == 131


def test_a_comment_whose_lines_end_as_a_browser_ends_them_is_ours_too(github_place: GitHubPlace) -> None:
    number = github_place.open("feature").number
    github_place.say(number, ONE.replace("\n", "\r\n"), as_us=True)
    assert github_place.reviews().comment(number, MARKER, ONE).action == "unchanged"
