"""What is asked of SageMaker for a notebook, and the script that runs when it starts: by bash and git themselves."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.aws.requests.notebooks import (
    LIMIT,
    about,
    life_cycle_request,
    notebook_name,
    notebook_request,
    on_start,
    setup,
    update_request,
)
from mlops_ci.model.address import Address
from mlops_ci.ports.jobs import Image, Input
from mlops_ci.ports.notebooks import NotebookSpec
from mlops_ci.runtime import idle
from tests.adapters.aws.requests.valid import CLOSED, KEY, PLAIN, ROLE, problems

SPEC = NotebookSpec(
    model="churn",
    candidate="boosting",
    commit="a" * 40,
    repository="https://example.org/owner/models.git",
    image=Image(requirements="xgboost==2.1\n"),
    hyperparameters=(("epochs", "3"),),
    environment=(("LEVEL", "in'fo"),),
    channels=(Input("train", "s3://bucket/inputs/d/"),),
    instance="ml.t3.medium",
    idle_minutes=45,
)
NAME = "tiny-churn-01234567"
IDLE = Path(idle.__file__).read_text("utf-8")


def script(spec: NotebookSpec = SPEC) -> str:
    return on_start(NAME, spec, "eu-west-1", IDLE)


def written(line: str) -> str:
    """Return what a line of the script writes into a file."""
    found = re.match("echo ([A-Za-z0-9+/=']+) [|]", line)
    assert found is not None
    return base64.b64decode(found[1]).decode()


def test_an_instance_has_role_tags_and_a_life_cycle_of_its_own() -> None:
    request = notebook_request(NAME, SPEC, PLAIN)
    assert problems("CreateNotebookInstance", request) == ()
    assert (request["RoleArn"], request["LifecycleConfigName"]) == (ROLE, NAME)
    assert request["Tags"] == [
        {"Key": "team", "Value": "churn"},
        {"Key": "mlops-ci:model", "Value": "churn"},
        {"Key": "mlops-ci:candidate", "Value": "boosting"},
    ]
    assert "SubnetId" not in request
    assert problems("UpdateNotebookInstance", update_request(NAME, SPEC, PLAIN)) == ()


def test_a_closed_network_is_kept_closed_and_the_disk_encrypted() -> None:
    request = notebook_request(NAME, SPEC, CLOSED)
    assert problems("CreateNotebookInstance", request) == ()
    assert (request["SubnetId"], request["SecurityGroupIds"]) == ("subnet-1", ["sg-1"])
    assert (request["DirectInternetAccess"], request["KmsKeyId"]) == ("Disabled", KEY)


def test_a_name_is_one_of_sagemakers_and_of_one_model_of_one_project() -> None:
    longest = notebook_name(Address("bucket", "p" * 80 + "/"), "m_" * 60)
    assert re.fullmatch("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", longest)
    assert notebook_name(Address("b", "one/"), "m") != notebook_name(Address("b", "two/"), "m")


def test_the_script_is_bash_and_fits(tmp_path: Path) -> None:
    request = life_cycle_request(NAME, script())
    assert problems("CreateNotebookInstanceLifecycleConfig", request) == ()
    assert len(request["OnStart"][0]["Content"]) < LIMIT / 2, "there is room for requirements"
    for text in (script(), setup(SPEC), setup(replace(SPEC, repository=""))):
        (tmp_path / "script").write_text(text)
        subprocess.run(["bash", "-n", str(tmp_path / "script")], check=True)


def test_the_script_writes_what_the_candidate_has_at_hand_and_ends_an_idle_instance() -> None:
    lines = script().splitlines()
    assert json.loads(written(next(line for line in lines if "candidate.json" in line))) == {
        "model": "churn",
        "candidate": "boosting",
        "commit": "a" * 40,
        "hyperparameters": {"epochs": "3"},
        "environment": {"LEVEL": "in'fo"},
        "channels": {"train": "s3://bucket/inputs/d/"},
    }
    assert written(next(line for line in lines if "requirements.txt" in line)) == "xgboost==2.1\n"
    assert written(next(line for line in lines if "base64 -d > /usr/local/bin" in line)) == IDLE
    (watch,) = (line for line in lines if line.startswith("nohup"))
    stop = f"aws sagemaker stop-notebook-instance --notebook-instance-name {NAME} --region eu-west-1"
    assert f"--minutes 45 -- {stop}" in watch


def git(folder: Path, *arguments: str) -> str:
    who = {
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env={**os.environ, **who}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "models.git"
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    for name in ("one", "two"):
        (folder / name).touch()
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", name)
    return folder


def set_up(home: Path, spec: NotebookSpec) -> str:
    home.mkdir(exist_ok=True)
    done = subprocess.run(["bash", "-c", setup(spec), "bash", str(home)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_repository_is_cloned_at_the_commit_and_at_the_next_start_moved_to_the_next(
    tmp_path: Path, origin: Path
) -> None:
    first, second = git(origin, "rev-parse", "HEAD~1"), git(origin, "rev-parse", "HEAD")
    spec = replace(SPEC, repository=str(origin), commit=first)
    home = tmp_path / "home"
    assert "ready" in set_up(home, spec)
    assert git(home / "models", "rev-parse", "HEAD") == first
    set_up(home, replace(spec, commit=second))
    assert git(home / "models", "rev-parse", "HEAD") == second
    (origin / "three").touch()
    git(origin, "add", "-A")
    git(origin, "commit", "-q", "-m", "three")
    third = git(origin, "rev-parse", "HEAD")
    set_up(home, replace(spec, commit=third))
    assert git(home / "models", "rev-parse", "HEAD") == third, "what came since was fetched"


def test_what_somebody_changed_in_the_notebook_is_left_alone(tmp_path: Path, origin: Path) -> None:
    first, second = git(origin, "rev-parse", "HEAD~1"), git(origin, "rev-parse", "HEAD")
    home = tmp_path / "home"
    set_up(home, replace(SPEC, repository=str(origin), commit=first))
    (home / "models/mine.txt").write_text("work of a day")
    set_up(home, replace(SPEC, repository=str(origin), commit=second))
    assert git(home / "models", "rev-parse", "HEAD") == first
    assert (home / "models/mine.txt").read_text() == "work of a day"


def test_a_commit_that_is_not_on_the_remote_leaves_what_is_there(tmp_path: Path, origin: Path) -> None:
    assert "ready" in set_up(tmp_path / "home", replace(SPEC, repository=str(origin), commit="b" * 40))
    assert (tmp_path / "home/models/two").exists()


def test_an_address_of_the_users_cannot_run_anything(tmp_path: Path) -> None:
    spec = replace(SPEC, repository=f"x; touch {tmp_path}/harm", commit=f"$(touch {tmp_path}/harm)")
    set_up(tmp_path / "home", spec)
    assert not (tmp_path / "harm").exists()


def test_what_is_at_hand_is_plain_json() -> None:
    assert json.loads(about(SPEC))["candidate"] == "boosting"
