"""The pytest plugin for users' own endpoint tests: `pytest --mlops-ci-env staging`, and the fixture `endpoint`.

Every pytest run loads it where mlops-ci is installed, so it imports nothing before a test asks for the fixture.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mlops_ci.testing.endpoint import Endpoint

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
