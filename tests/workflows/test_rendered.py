"""The reusable workflows as files of a repository: the same jobs, started by events, and no input left in them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_ci.commands.ci_events import KINDS, pattern
from mlops_ci.commands.ci_files import wanted
from mlops_ci.commands.ci_workflows import ACTION, Settings, file_of, name_of, refuse_what_no_file_can_hold
from mlops_ci.errors import UsageError

TOP = Path(__file__).parents[2]
HOSTILE = "release/$(id);'\"#{`x`}&|!c++"
PLACES = (
    Settings(),
    Settings("ml/churn", "trunk", is_store_a_folder=False, region="eu-central-1"),
    Settings("we.ird,x y/a'b\"c #d: `e`$(f)", HOSTILE),
)


def files(settings: Settings) -> dict[str, str]:
    return {file.path: file.text for file in wanted("github", settings)}


def read(kind: str, settings: Settings) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(files(settings)[file_of(kind, settings)])
    return found


def template(kind: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((TOP / f".github/workflows/models-{kind}.yml").read_text())
    return found


@pytest.mark.parametrize("settings", PLACES, ids=["top", "below", "hostile"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_workflow_has_the_steps_and_rights_of_the_reusable_one(kind: str, settings: Settings) -> None:
    made, ours = read(kind, settings)["jobs"], template(kind)["jobs"]
    assert list(made) == list(ours)
    for name, job in made.items():
        assert job["permissions"] == ours[name]["permissions"]
        assert [step.get("run") for step in job["steps"]] == [step.get("run") for step in ours[name]["steps"]]
        used = [step.get("uses", "") for step in job["steps"]]
        assert used.index(f"./{ACTION}") > next(at for at, it in enumerate(used) if it.startswith("actions/checkout@"))
        assert job.get("defaults", {}).get("run", {}).get("working-directory", settings.folder) == settings.folder


@pytest.mark.parametrize("settings", PLACES, ids=["top", "below", "hostile"])
def test_no_input_is_left_but_what_a_person_is_asked(settings: Settings) -> None:
    asked = read("operations", settings)[True]["workflow_dispatch"]["inputs"]
    taken = template("operations")[True]["workflow_call"]["inputs"]
    assert {name for name in taken if taken[name].get("required")} <= set(asked) <= set(taken)
    for path, text in files(settings).items():
        if not path.startswith(ACTION):
            left = set(re.findall(r"(?<![\w.'])inputs\.([\w-]+)", text))
            assert left <= (set(asked) if "operations" in path else set())
            assert "workflow_call" not in text
            assert "github.ref_name" not in text
        assert "toolkit" not in text
        assert "extras" not in text


def test_each_is_started_by_its_event_for_the_release_branch() -> None:
    settings = PLACES[2]
    assert read("pull-request", settings)[True]["pull_request"]["branches"] == [pattern(HOSTILE)]
    assert read("release", settings)[True]["push"]["branches"] == [HOSTILE.replace("+", "\\+")]
    assert read("comment", settings)[True]["workflow_run"]["workflows"] == [read("pull-request", settings)["name"]]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", read("drift", settings)[True]["schedule"][0]["cron"])
    steps = read("release", settings)["jobs"]["promote"]["steps"]
    assert steps[0]["with"]["ref"] == HOSTILE


def test_a_store_on_s3_gets_a_job_a_verb_and_a_folder_one_job() -> None:
    alone, apart = (read("release", settings)["jobs"]["run"]["if"] for settings in PLACES[:2])
    assert "vars.MLOPS_CI_SINGLE != 'false'" in alone
    assert "vars.MLOPS_CI_SINGLE == 'true'" in apart
    with_ = read("release", PLACES[1])["jobs"]["plan"]["steps"][1]["with"]
    assert with_["aws-region"] == "${{ vars.MLOPS_CI_AWS_REGION || 'eu-central-1' }}"
    assert with_["requirements"] == "ml/churn/requirements-ci.txt"


def test_jobs_of_pull_requests_may_have_a_role_of_their_own_and_no_other_job_has_it() -> None:
    its = read("pull-request", PLACES[1])["jobs"]
    roles = {name: job["steps"][1]["with"].get("aws-role") for name, job in its.items()}
    own = "${{ vars.MLOPS_CI_AWS_PULL_REQUEST_ROLE || vars.MLOPS_CI_AWS_ROLE }}"
    assert roles == {"review": own, "train": own, "evaluate": own, "results": own, "fork": None, "run": None}
    texts = [text for path, text in files(PLACES[1]).items() if not path.endswith("pull-request.yml")]
    assert not any("PULL_REQUEST_ROLE" in text for text in texts)


def test_two_projects_of_a_repository_share_no_file_but_the_action_and_cancel_nothing_of_each_other() -> None:
    places = (Settings("a/b"), Settings("a-b"), Settings("a.b"), Settings("a b"), Settings("."))
    paths = [{path for path in files(settings) if not path.startswith(ACTION)} for settings in places]
    assert len(set().union(*paths)) == sum(map(len, paths))
    assert len({name_of("release", settings) for settings in places}) == len(places)
    groups = {read("pull-request", settings)["concurrency"]["group"] for settings in places}
    assert len(groups) == len(places)
    assert len({files(settings)[f"{ACTION}/action.yml"] for settings in places}) == 1


@pytest.mark.parametrize("settings", [Settings("a${{ github.token }}"), Settings(branch="a${{x}}"), Settings("a\nb")])
def test_a_name_that_would_be_more_than_a_name_is_refused(settings: Settings) -> None:
    with pytest.raises(UsageError, match="cannot be named in a file of a CI system"):
        refuse_what_no_file_can_hold(settings)


@pytest.mark.parametrize("settings", PLACES, ids=["top", "below", "hostile"])
def test_linters_find_nothing_in_what_a_repository_gets(settings: Settings, tmp_path: Path) -> None:
    for path, text in files(settings).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    workflows = sorted(map(str, (tmp_path / ".github/workflows").glob("*.yml")))
    assert len(workflows) == len(KINDS)
    for command in (
        ("actionlint", *workflows),
        ("zizmor", "--offline", "--quiet", str(tmp_path / ".github")),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows),
        ("check-jsonschema", "--builtin-schema", "vendor.github-actions", str(tmp_path / ACTION / "action.yml")),
    ):
        program = Path(sys.executable).parent / command[0]
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
