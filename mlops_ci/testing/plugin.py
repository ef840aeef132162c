"""The pytest plugin for users' own tests: of endpoints (`pytest --mlops-ci-env staging`, and the fixture `endpoint`),
of what speaks with AWS (the fixtures `aws` and `aws_server`), and with GitHub (`github` and `github_server`).

Every pytest run loads it where mlops-ci is installed, so it imports nothing before a test asks for a fixture.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mlops_ci.testing.aws.loopback import Loopback, Settings
    from mlops_ci.testing.endpoint import Endpoint
    from mlops_ci.testing.github.loopback import GitHub

_URL = "MLOPS_CI_ENDPOINT_URL"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mlops-ci", "endpoints that mlops-ci serves")
    group.addoption(
        "--mlops-ci-env",
        metavar="ENVIRONMENT",
        default=os.environ.get("MLOPS_CI_ENV", ""),
        help="test the endpoint of this environment, such as staging (or set MLOPS_CI_ENV)",
    )
    group.addoption(
        "--mlops-ci-model",
        metavar="MODEL",
        default=os.environ.get("MLOPS_CI_MODEL", ""),
        help="test this model (or set MLOPS_CI_MODEL); else the one whose folder the test lies in",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the endpoint of the model it lies with, where one run tests several models."""
    config = metafunc.config
    if "endpoint" not in metafunc.fixturenames or not config.getoption("mlops_ci_env"):
        return
    if config.getoption("mlops_ci_model") or os.environ.get(_URL) or _is_parametrized(metafunc):
        return
    from mlops_ci.testing.locating import model_of

    if model := model_of(metafunc.definition.path.parent):
        metafunc.parametrize("endpoint", [model], indirect=True, scope="session")


def _is_parametrized(metafunc: pytest.Metafunc) -> bool:
    """Return whether the test itself says what its `endpoint` is; then that is not ours."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        names = mark.args[0] if mark.args else mark.kwargs.get("argnames", ())
        if "endpoint" in ([name.strip() for name in names.split(",")] if isinstance(names, str) else names):
            return True
    return False


@pytest.fixture(scope="session")
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """Return the endpoint under test: `url`, `version`, `model`, `environment`, `invoke(rows)` and `ping()`.

    Tests that use it are skipped where nobody says which environment is meant.
    """
    from mlops_ci.testing.locating import NotFound, Wanted, locate, model_of

    config = request.config
    environment = str(config.getoption("mlops_ci_env"))
    if not environment and not os.environ.get(_URL):
        pytest.skip("an endpoint is tested by `pytest --mlops-ci-env ENVIRONMENT`")
    # There is no param for a fixture that is asked for while the test runs, nor in a unittest class.
    named = str(config.getoption("mlops_ci_model") or getattr(request, "param", ""))
    folders = tuple(dict.fromkeys(item.path.parent for item in request.session.items))
    owners = {folder: model_of(folder) for folder in folders}
    models = sorted(set(owners.values()) - {""})
    if not named and len(models) > 1:
        pytest.fail(f"tests of {', '.join(models)} run together\nhint: add `--mlops-ci-model MODEL`", pytrace=False)
    model = named or next(iter(models), "")
    folder = next((place for place in folders if owners[place] == model), config.invocation_params.dir)
    try:
        return locate(Wanted(environment, model, folder), os.environ)
    except NotFound as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def aws_settings() -> Settings:
    """Return how the loopback AWS behaves; a `conftest.py` that has this fixture too says it otherwise."""
    from mlops_ci.testing.aws.loopback import Settings

    return Settings()


@pytest.fixture(scope="session")
def aws_server(tmp_path_factory: pytest.TempPathFactory, aws_settings: Settings) -> Iterator[Loopback]:
    """Return a loopback AWS that runs for the whole session: `url`, and `environment()` for those who shall see it."""
    from mlops_ci.testing.aws.requirements import Missing, check
    from mlops_ci.testing.aws.server import loopback

    try:
        check()
    except Missing as error:
        pytest.fail(str(error), pytrace=False)
    with loopback(tmp_path_factory.mktemp("aws"), settings=aws_settings) as found:
        yield found


@pytest.fixture
def aws(aws_server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """Return the session's loopback AWS, which boto3, the CLI and every process of this test see instead of AWS."""
    for name, value in aws_server.environment().items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SAGEMAKER"):
        monkeypatch.delenv(name, raising=False)
    return aws_server


@pytest.fixture(scope="session")
def github_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHub]:
    """Return a loopback GitHub that runs for the whole session; give each test a repository of its own in it."""
    from mlops_ci.testing.github.server import loopback as serve

    with serve(tmp_path_factory.mktemp("github")) as found:
        yield found


@pytest.fixture
def github(github_server: GitHub, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    """Return the session's loopback GitHub, which every process of this test sees; it has `octo/models`."""
    github_server.repository("octo/models")
    for name, value in github_server.environment("octo/models").items():
        monkeypatch.setenv(name, value)
    return github_server
