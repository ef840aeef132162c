"""What no plan tells."""

from __future__ import annotations

import pytest

from mlops_ci.plan.hidden import is_hidden, is_secret
from mlops_ci.plan.reasons import why


@pytest.mark.parametrize(
    "name",
    ["API_TOKEN", "token", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "dbPassword", "PGPASSWORD", "OPENAI_APIKEY", "AUTH",
     "GITHUB_PAT", "SENTRY_DSN", "GOOGLE_APPLICATION_CREDENTIALS", "PrivateKey", "SESSION_COOKIE"],
)  # fmt: skip
def test_a_name_that_says_so_is_a_secret(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name", ["OMP_NUM_THREADS", "TOKENIZERS_PARALLELISM", "MAX_TOKENS", "PATH", "KEYBOARD", "AUTHOR", "MONKEY", "SEED"]
)
def test_a_name_that_only_sounds_like_it_is_none(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("path", "value", "hidden"),
    [
        ("candidate.environment.API_TOKEN", "x", True),
        ("candidate.environment.URL", "postgres://ann:pw@db/x", True),
        ("candidate.environment.URL", "https://db/x", False),
        ("candidate.hyperparameters.token", 3, False),
        ("environments.token.approval", True, False),
    ],
)
def test_only_variables_are_hidden(path: str, value: object, hidden: bool) -> None:
    assert is_hidden(path, value) == hidden


def test_a_reason_names_a_secret_variable_and_tells_nothing_of_its_value() -> None:
    (reason,) = why(
        '{"candidate":{"environment":[["API_TOKEN","s3cret"]]}}', '{"candidate":{"environment":[["API_TOKEN","n3w"]]}}'
    )
    assert reason.sentence == "`environment.API_TOKEN` changed"
    assert "s3cret" not in repr(reason)
    assert "n3w" not in repr(reason)
