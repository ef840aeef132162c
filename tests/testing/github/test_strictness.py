"""The loopback GitHub refuses what GitHub refuses, in its words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github import GitHubPlace
from tests.testing.github.asking import Said, ask


@pytest.fixture
def number(github_place: GitHubPlace) -> int:
    return github_place.open("feature").number


def sent(place: GitHubPlace, path: str, body: object, method: str = "POST") -> Said:
    token = place.github.token(place.name)
    return ask(f"{place.github.url}/repos/{place.name}{path}", method, body, token)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({}, 422, '"body" wasn\'t supplied.'),
        (b"{", 400, "Problems parsing JSON"),
        ([], 400, "Body should be a JSON object"),
        ({"body": 3}, 422, "For 'properties/body', 3 is not a string."),
        ({"body": "x", "text": "x"}, 422, '"text" is not a permitted key.'),
        ({"body": " \n"}, 422, "Body cannot be blank"),
        ({"body": "x" * 65_537}, 422, "Body is too long (maximum is 65536 characters)"),
    ],
)
def test_a_comment_of_a_wrong_form_is_refused(
    github_place: GitHubPlace, number: int, body: object, status: int, says: str
) -> None:
    said = sent(github_place, f"/issues/{number}/comments", body)
    assert said.status == status
    assert says in said.body["message"] or says in said.body["errors"][0]["message"]
    assert github_place.comments(number) == []


def test_a_comment_of_65536_characters_is_taken_whatever_their_bytes(github_place: GitHubPlace, number: int) -> None:
    assert sent(github_place, f"/issues/{number}/comments", {"body": "ü" * 65_536}).status == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/issues/99/comments"), ("POST", "/issues/99/comments"), ("PATCH", "/issues/comments/99"),
        ("DELETE", "/issues/comments/99"), ("GET", "/pulls/99"), ("PUT", "/pulls/99/merge"), ("GET", "/nothing"),
        ("PATCH", "/check-runs/99"), ("GET", "/actions/runs/99/approvals"), ("PUT", "/pulls"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(github_place: GitHubPlace, method: str, path: str) -> None:
    body = {"body": "x"} if method in {"POST", "PATCH"} and "comments" in path else {}
    said = sent(github_place, path, body if method != "GET" else None, method)
    assert (said.status, said.body["message"]) == (404, "Not Found")


ANNOTATION = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "no"}
OUTPUT: dict[str, Any] = {"title": "fine", "summary": "words"}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"head_sha": "0" * 40}, "No commit found for SHA"),
        ({"status": "completed"}, '"conclusion" wasn\'t supplied.'),
        ({"conclusion": "fine"}, "is not a member of"),
        ({"output": {"title": "fine"}}, '"summary" wasn\'t supplied.'),
        ({"output": {**OUTPUT, "summary": "x" * 65_536}}, "Only 65535 characters are allowed; 65536 were supplied."),
        ({"output": {**OUTPUT, "annotations": [ANNOTATION] * 51}}, "No more than 50 items are allowed; 51 were"),
        ({"output": {**OUTPUT, "annotations": [{**ANNOTATION, "end_line": 2, "end_column": 3}]}}, "do not fit"),
        ({"output": {**OUTPUT, "annotations": [{**ANNOTATION, "start_line": 0}]}}, "do not fit"),
        ({"output": {**OUTPUT, "annotations": [{**ANNOTATION, "start_line": "1"}]}}, "is not an integer"),
        ({"output": {**OUTPUT, "annotations": [{"path": "a"}]}}, '"start_line" wasn\'t supplied.'),
    ],
)
def test_a_check_run_of_a_wrong_form_is_refused(github_place: GitHubPlace, more: dict[str, Any], says: str) -> None:
    commit = github_place.push("main")
    said = sent(github_place, "/check-runs", {"name": "plan", "head_sha": commit, **more})
    assert said.status == 422
    assert says in said.body["message"]


def test_a_status_has_140_characters_at_most(github_place: GitHubPlace) -> None:
    commit = github_place.push("main")
    said = sent(github_place, f"/statuses/{commit}", {"state": "success", "description": "x" * 141})
    assert (said.status, said.body["errors"][0]["message"]) == (422, "description is too long")


def test_annotations_of_an_update_are_added_to_those_that_are_there(github_place: GitHubPlace) -> None:
    commit = github_place.push("main")
    body = {"name": "plan", "head_sha": commit, "output": {**OUTPUT, "annotations": [ANNOTATION]}}
    run = sent(github_place, "/check-runs", body).body
    del body["head_sha"]
    said = sent(github_place, f"/check-runs/{run['id']}", body, "PATCH").body
    assert said["output"]["annotations_count"] == 2
    assert len(sent(github_place, f"/check-runs/{run['id']}/annotations", None, "GET").body) == 2


def test_of_check_runs_of_a_name_the_last_is_told_and_all_where_asked(github_place: GitHubPlace) -> None:
    commit = github_place.push("main")
    for _ in range(2):
        last = sent(github_place, "/check-runs", {"name": "plan", "head_sha": commit}).body["id"]
    latest = sent(github_place, f"/commits/{commit}/check-runs", None, "GET").body
    every = sent(github_place, "/commits/main/check-runs?filter=all&check_name=plan", None, "GET").body
    assert ([run["id"] for run in latest["check_runs"]], every["total_count"]) == ([last], 2)


def test_lists_come_in_pages_that_lead_to_each_other(github_place: GitHubPlace, number: int) -> None:
    for index in range(5):
        github_place.say(number, str(index))
    url: str | None = f"{github_place.github.url}/repos/{github_place.name}/issues/{number}/comments?per_page=2"
    seen = []
    while url:
        said = ask(url)
        seen.append([comment["body"] for comment in said.body])
        links = said.headers.get("link", "")
        url = next((part.partition(">")[0].strip(" <") for part in links.split(",") if 'rel="next"' in part), None)
    assert seen == [["0", "1"], ["2", "3"], ["4"]]
