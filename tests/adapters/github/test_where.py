"""Which repository, API and token the environment means, and what is said where it says none."""

from __future__ import annotations

import pytest

from mlops_ci.adapters.github.reviews import GitHubReviews
from mlops_ci.errors import ProviderError
from mlops_ci.wiring.reviewing import reviews
from tests.github import GitHubPlace

TOKEN = {"GITHUB_TOKEN": "ghs_secret"}


@pytest.mark.parametrize(
    ("environment", "root", "repository"),
    [
        ({"GITHUB_REPOSITORY": "octo/models"}, "https://api.github.com", "octo/models"),
        (
            {"GITHUB_REPOSITORY": "octo/models", "GITHUB_API_URL": "https://git.example/api/v3"},
            "https://git.example/api/v3", "octo/models",
        ),
        ({"CODEBUILD_SOURCE_REPO_URL": "https://github.com/octo/models.git"}, "https://api.github.com", "octo/models"),
        ({"CODEBUILD_SOURCE_REPO_URL": "https://github.com/octo/my.m"}, "https://api.github.com", "octo/my.m"),
        ({"CODEBUILD_SOURCE_REPO_URL": "git@github.com:octo/models.git"}, "https://api.github.com", "octo/models"),
        ({"CODEBUILD_SOURCE_REPO_URL": "ssh://git@github.com/octo/models"}, "https://api.github.com", "octo/models"),
        ({"CODEBUILD_SOURCE_REPO_URL": "https://user:pw@git.example/octo/m"}, "https://git.example/api/v3", "octo/m"),
        (
            {"GITHUB_REPOSITORY": "octo/this", "CODEBUILD_SOURCE_REPO_URL": "https://github.com/octo/other"},
            "https://api.github.com", "octo/this",
        ),
    ],
)  # fmt: skip
def test_the_environment_says_which_repository_is_meant(
    environment: dict[str, str], root: str, repository: str
) -> None:
    found = reviews({**TOKEN, **environment})
    assert isinstance(found, GitHubReviews)
    assert (found.api.wire.root, found.api.repository) == (root, repository)


@pytest.mark.parametrize(
    ("environment", "says", "hint"),
    [
        ({"GITHUB_REPOSITORY": "octo/models"}, "GITHUB_TOKEN is not set", "github.token"),
        (TOKEN, "not known which repository", "GITHUB_REPOSITORY=owner/name"),
        ({**TOKEN, "GITHUB_REPOSITORY": "models"}, "is no repository", "owner/name"),
        ({**TOKEN, "GITHUB_REPOSITORY": "octo/../x"}, "is no repository", "owner/name"),
        ({**TOKEN, "GITHUB_REPOSITORY": "octo/.."}, "is no repository", "owner/name"),
        ({**TOKEN, "CODEBUILD_SOURCE_REPO_URL": "s3://bucket/code.zip"}, "no repository on GitHub", "owner/name"),
        ({**TOKEN, "GITHUB_REPOSITORY": "o/m", "GITHUB_API_URL": "api"}, "is no address", "unset GITHUB_API_URL"),
        ({**TOKEN, "GITHUB_REPOSITORY": "o/m", "GITHUB_API_URL": "http://git.example"}, "unencrypted", "https://"),
        ({"GITHUB_TOKEN": "ghs_secret\nx", "GITHUB_REPOSITORY": "o/m"}, "what no token does", "one line"),
    ],
)
def test_what_is_missing_or_wrong_is_told_without_the_token(environment: dict[str, str], says: str, hint: str) -> None:
    with pytest.raises(ProviderError) as refused:
        reviews(environment)
    assert says in refused.value.summary
    assert hint in refused.value.hint
    assert "ghs_secret" not in f"{vars(refused.value)}"


def test_the_variables_of_the_loopback_lead_to_it(github_place: GitHubPlace) -> None:
    found = github_place.open("feature")
    environment = github_place.github.environment(github_place.name)
    assert reviews(environment).request(found.number) == found
