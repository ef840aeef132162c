"""GitHub's adapter keeps the contract, as a workflow's token and as a person's."""

from __future__ import annotations

import pytest

from tests.contracts.reviews import ReviewsContract
from tests.github import GitHubPlace


class TestGitHubReviews(ReviewsContract):
    @pytest.fixture
    def place(self, place: GitHubPlace) -> GitHubPlace:
        return place
