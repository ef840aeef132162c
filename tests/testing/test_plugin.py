"""The pytest plugin as its users meet it: in processes of their own, against a real endpoint."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.executor.checks.small_endpoint import serving, well

USES_IT = """
def test_it_answers(endpoint):
    answer = endpoint.invoke([[150, "no"]])
    assert answer.status == 200
    assert answer.json()[0]["label"] == "yes"
    assert answer.version == endpoint.version
    assert answer.content_type == "application/json"
    assert "probabilities" in answer.text

def test_its_name(endpoint):
    print("ABOUT", endpoint.model, endpoint.environment, endpoint.version, endpoint.url)
    assert endpoint.ping().status == 200
"""

STATUS = """
import json, pathlib, sys
assert sys.argv[1:3] == ["status", "--json"], sys.argv
known = json.loads(pathlib.Path("status.json").read_text())
models = [model for model in known["models"] if model["name"] in sys.argv[3:]]
if not models:
    sys.exit(f"error: there is no model `{sys.argv[3]}`")
print(json.dumps({"format_version": 1, "models": models}))
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(well) as address:
        yield address


@pytest.fixture
def project(tmp_path: Path, url: str) -> Path:
    """Return a project of two models; a stand-in for the command tells their status from a file, as a real process."""
    folder = tmp_path / "project"
    for model in ("churn", "fraud"):
        tests = folder / "pipelines" / model / "tests"
        tests.mkdir(parents=True)
        (tests.parent / "model.yaml").write_text(f"name: {model}\n")
    (folder / "mlops-ci.yaml").write_text("format: 1\n")
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = --import-mode=importlib -p no:hypothesispytest -p no:xdist\n"
    )
    (folder / "pipelines/churn/tests/test_endpoint.py").write_text(USES_IT)
    say(folder, staging={"state": "InService", "version": 3, "url": url})
    command = tmp_path / "command" / "mlops_ci"
    command.mkdir(parents=True)
    (command / "__init__.py").touch()
    (command / "__main__.py").write_text(STATUS)
    return folder


def say(project: Path, **environments: dict[str, object]) -> None:
    """Let the status of both models be this."""
    models = [{"name": name, "environments": environments} for name in ("churn", "fraud")]
    (project / "status.json").write_text(json.dumps({"models": models}))


def run(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in the project, by the entry point that every environment with mlops-ci has."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "MLOPS_CI_"))}
    # A stand-in on PYTHONPATH would hide the plugin itself, so it is put there for the processes that pytest starts.
    (project / "conftest.py").write_text(
        f"import os\nimport mlops_ci.testing.locating\nos.environ['PYTHONPATH'] = {str(project.parent / 'command')!r}\n"
    )
    command = [sys.executable, "-m", "pytest", "-rs", "-s", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command,
        cwd=project,
        env=kept | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_option_finds_the_endpoint_that_the_status_names(project: Path, url: str) -> None:
    done = run(project, "--mlops-ci-env", "staging")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
    assert f"ABOUT churn staging churn/v3 {url}" in done.stdout


def test_it_is_found_from_within_the_folder_of_the_tests_too(project: Path) -> None:
    done = run(project, "pipelines/churn/tests", MLOPS_CI_ENV="staging")
    assert done.returncode == 0, done.stdout
    assert "ABOUT churn staging churn/v3" in done.stdout


def test_without_the_option_tests_of_an_endpoint_are_skipped_with_a_reason_that_names_it(project: Path) -> None:
    done = run(project)
    assert done.returncode == 0
    assert "2 skipped" in done.stdout
    assert "pytest --mlops-ci-env ENVIRONMENT" in done.stdout


def test_tests_of_two_models_get_an_endpoint_each(project: Path) -> None:
    (project / "pipelines/fraud/tests/test_endpoint.py").write_text(
        "def test_it(endpoint):\n    print('ABOUT', endpoint.model)\n"
    )
    done = run(project, "--mlops-ci-env", "staging")
    assert done.returncode == 0, done.stdout
    assert "ABOUT churn staging" in done.stdout
    assert "ABOUT fraud" in done.stdout


def test_a_fixture_asked_for_at_run_time_needs_to_be_told_which_of_two_models(project: Path) -> None:
    for model in ("churn", "fraud"):
        (project / f"pipelines/{model}/tests/test_endpoint.py").write_text(
            "def test_it(request):\n    print('ABOUT', request.getfixturevalue('endpoint').model)\n"
        )
    lost = run(project, "--mlops-ci-env", "staging")
    assert lost.returncode == 1
    assert "add `--mlops-ci-model MODEL`" in lost.stdout
    named = run(project, "--mlops-ci-env", "staging", "--mlops-ci-model", "fraud")
    assert named.returncode == 0, named.stdout
    assert named.stdout.count("ABOUT fraud") == 2
    one = run(project, "--mlops-ci-env", "staging", "pipelines/churn")
    assert one.returncode == 0, one.stdout
    assert "ABOUT churn" in one.stdout


def test_a_test_that_parametrizes_its_own_endpoint_is_left_alone(project: Path) -> None:
    (project / "pipelines/churn/tests/test_endpoint.py").write_text(
        "import pytest\n\n@pytest.mark.parametrize(('endpoint', 'n'), [('mine', 1)])\n"
        "def test_it(endpoint, n):\n    assert endpoint == 'mine'\n"
    )
    done = run(project, "--mlops-ci-env", "staging")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("moon", "`churn` has no environment `moon` (environments: `staging`, `production`, `files`)"),
        ("staging", "`churn` does not serve on `staging`, it is Failed: model_fn raised"),
        ("production", "hint: mlops-ci deploy production churn"),
        ("files", "`churn` runs in batches, so there is no endpoint on `files` to test"),
    ],
)
def test_an_environment_that_does_not_serve_fails_with_what_to_do(project: Path, asked: str, said: str) -> None:
    say(
        project,
        staging={"state": "Failed", "version": None, "url": None, "detail": "model_fn raised"},
        production={"state": "NotDeployed", "version": None, "url": None, "detail": ""},
        files={"state": "Batch", "version": 3, "url": None, "detail": ""},
    )
    done = run(project, f"--mlops-ci-env={asked}")
    assert done.returncode == 1
    assert said in done.stdout
    assert "Traceback" not in done.stdout
    assert "locating.py" not in done.stdout


def test_what_the_command_says_of_an_unknown_model_is_shown(project: Path) -> None:
    done = run(project, "--mlops-ci-env=staging", "--mlops-ci-model=nobody")
    assert done.returncode == 1
    assert "error: there is no model `nobody`" in done.stdout


def test_tests_outside_of_any_project_say_so(project: Path, tmp_path: Path) -> None:
    (project / "mlops-ci.yaml").unlink()
    done = run(project, "--mlops-ci-env=staging")
    assert done.returncode == 1
    assert "there is no `mlops-ci.yaml`" in done.stdout


def test_an_address_in_the_environment_asks_nobody(project: Path, url: str) -> None:
    (project / "status.json").unlink()
    done = run(project, MLOPS_CI_ENDPOINT_URL=url + "/")
    assert done.returncode == 0, done.stdout
    assert f"ABOUT churn  churn/v3 {url}" in done.stdout  # it said its version itself
    told = run(project, MLOPS_CI_ENDPOINT_URL=url, MLOPS_CI_ENDPOINT_VERSION="churn/v2", MLOPS_CI_ENV="staging")
    assert told.returncode == 1
    assert "ABOUT churn staging churn/v2" in told.stdout  # what should serve, which the first test compares


def test_an_address_that_nobody_answers_at_says_so(project: Path) -> None:
    with serving(well) as gone:
        pass
    done = run(project, MLOPS_CI_ENDPOINT_URL=gone)
    assert done.returncode == 1
    assert "got no answer" in done.stdout
    assert "is `MLOPS_CI_ENDPOINT_URL` right?" in done.stdout


def test_the_plugin_imports_nothing_of_ours_and_nothing_heavy() -> None:
    script = (
        "import sys, pytest; before = set(sys.modules); import mlops_ci.testing.plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['mlops_ci', 'mlops_ci.testing', 'mlops_ci.testing.plugin']"


def test_a_run_without_the_fixture_imports_no_more_than_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\n\ndef test_it():\n    ours = {name for name in sys.modules if name.startswith('mlops_ci')}\n"
        "    assert ours == {'mlops_ci', 'mlops_ci.testing', 'mlops_ci.testing.plugin'}\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_fixture_aws_leads_boto3_and_processes_of_a_test_to_a_loopback_and_no_further(tmp_path: Path) -> None:
    (tmp_path / "test_aws.py").write_text(
        "import boto3, os, subprocess, sys\n"
        'SEE = \'import boto3; print([b["Name"] for b in boto3.client("s3").list_buckets()["Buckets"]])\'\n'
        "def test_with(aws):\n"
        "    boto3.client('s3').create_bucket(Bucket='mine')\n"
        "    assert subprocess.check_output([sys.executable, '-c', SEE], text=True) == \"['mine']\\n\"\n"
        "def test_without():\n"
        "    assert 'AWS_ENDPOINT_URL' not in os.environ\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
