"""GitHub's adapter keeps the contract."""

from __future__ import annotations

import pytest

from tests.contracts.reviews import ReviewsContract
from tests.github import GitHubPlace


class TestGitHubReviews(ReviewsContract):
    @pytest.fixture
    def place(self, github_place: GitHubPlace) -> GitHubPlace:
        return github_place
