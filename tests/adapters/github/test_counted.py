"""What a plan job asks of GitHub does not grow with the project."""

from __future__ import annotations

import pytest

from mlops_ci.ports.reviews import Check, Conclusion
from mlops_ci.views.review_comment import Rest, check_markdown, comment_markdown, marker
from tests.github import GitHubPlace
from tests.views.review_cases import estate


@pytest.mark.parametrize("models", [2, 1000])
def test_a_comment_and_a_check_take_six_requests_whatever_the_number_of_models(
    github_place: GitHubPlace, models: int
) -> None:
    number = github_place.open("feature").number
    for word, asked in (("first", 6), ("second", 6), ("second", 5)):
        review = estate(models)
        github_place.github.traffic.reset()
        reviews = github_place.reviews()
        commit = reviews.request(number).commit
        body = f"{comment_markdown(review, 'mlops-ci', Rest())}\n{word}"
        reviews.comment(number, marker("mlops-ci"), body)
        summary = check_markdown(review, "mlops-ci", Rest())
        reviews.check(Check("mlops-ci", commit, Conclusion.SUCCESS, word, summary))
        assert github_place.github.traffic.count() <= asked
    assert len(github_place.comments(number)) == len(github_place.checks(commit)) == 1
