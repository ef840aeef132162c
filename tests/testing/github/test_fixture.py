"""The fixture `github`, as users' tests have it."""

from __future__ import annotations

import os

from mlops_ci.ports.reviews import Check, Conclusion
from mlops_ci.testing.github.loopback import GitHub
from mlops_ci.wiring.reviewing import reviews
from tests.github import GitHubPlace


def test_every_process_of_a_test_that_uses_it_sees_the_loopback_and_no_other(github: GitHub) -> None:
    place = GitHubPlace(github, "octo/models")
    number = place.open("fixture").number
    assert reviews(os.environ).request(number).branch == "fixture"
    assert os.environ["GITHUB_API_URL"] == github.url


def test_a_comment_and_a_check_take_five_requests_and_once_more_five(github_place: GitHubPlace) -> None:
    found, traffic = github_place.open("feature"), github_place.github.traffic
    for word in ("one", "two"):
        traffic.reset()
        place = github_place.reviews()
        place.comment(found.number, "<!-- m -->", f"<!-- m -->\n{word}")
        place.check(Check("plan", found.commit, Conclusion.SUCCESS, word, word))
        assert len(traffic.calls) == 5
