"""Records that a machine takes with it when it is thrown away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.commands.lasting import STEPS, Loss, Whereabouts, warnings
from mlops_ci.errors import ProviderError, UsageError
from mlops_ci.model import Target
from mlops_ci.wiring.lasting import device, thrown_away
from mlops_ci.wiring.state import state_folder

HOSTED = Whereabouts("a runner that GitHub hosts", ".mlops-ci/store", shares_disk=True, is_vouched=False)


@pytest.mark.parametrize("verb", sorted(STEPS))
def test_a_step_whose_records_would_go_with_the_machine_is_refused(verb: str) -> None:
    with pytest.raises(ProviderError) as raised:
        warnings(verb, HOSTED, pull_request="")
    assert f"`{verb}` would lose what it records" in raised.value.summary
    assert "MLOPS_CI_STORE_STAYS=1" in raised.value.hint
    assert raised.value.exit_code == 69


@pytest.mark.parametrize(("verb", "pull_request"), [("run", ""), ("train", "7"), ("evaluate", "7")])
def test_what_needs_no_other_job_is_warned_and_goes_on(verb: str, pull_request: str) -> None:
    (warned,) = warnings(verb, HOSTED, pull_request=pull_request)
    assert warned.loss is Loss.RECORDS
    assert "thrown away after this job" in warned.summary


@pytest.mark.parametrize(
    "where",
    [
        replace(HOSTED, machine=""),
        replace(HOSTED, store=""),
        replace(HOSTED, shares_disk=False),
        replace(HOSTED, is_vouched=True),
    ],
)
def test_a_machine_that_stays_a_bucket_another_disk_or_somebodys_word_keep_the_records(where: Whereabouts) -> None:
    assert warnings("train", where, pull_request="") == ()


@pytest.mark.parametrize(("verb", "told"), [("deploy", 1), ("test", 1), ("rollback", 1), ("train", 0), ("run", 0)])
def test_endpoints_that_belong_to_the_checkout_of_a_job_are_told(verb: str, told: int) -> None:
    where = replace(HOSTED, machine="", serves_in_checkout=True)
    found = warnings(verb, where, pull_request="")
    assert [warned.loss for warned in found] == [Loss.ENDPOINTS] * told


def test_what_the_ci_systems_say_of_their_machines_is_understood() -> None:
    assert thrown_away({"RUNNER_ENVIRONMENT": "github-hosted"}) == "a runner that GitHub hosts"
    assert thrown_away({"RUNNER_ENVIRONMENT": "self-hosted", "GITHUB_ACTIONS": "true"}) == ""
    assert thrown_away({"CODEBUILD_BUILD_ID": "p:1"}) == "a build container of CodeBuild"
    assert thrown_away({}) == ""


def test_a_folder_that_is_not_made_yet_lies_on_the_disk_of_the_one_above(tmp_path: Path) -> None:
    assert device(tmp_path / "not/made/yet") == tmp_path.stat().st_dev
    (tmp_path / "file").touch()
    assert device(tmp_path / "file/below") == tmp_path.stat().st_dev


def test_the_store_of_another_file_system_is_seen_as_such(tmp_path: Path) -> None:
    other = next(place for place in (Path("/dev/shm"), Path("/dev")) if place.is_dir())  # noqa: S108 - only looked at
    assert device(other / "mlops-ci/store") != device(tmp_path)


def test_without_a_word_what_a_machine_keeps_lies_in_the_checkout(tmp_path: Path) -> None:
    assert state_folder(tmp_path, Target("local"), {}) == tmp_path / ".mlops-ci"
    assert state_folder(tmp_path, Target("local"), {"MLOPS_CI_STATE": ""}) == tmp_path / ".mlops-ci"


def test_two_checkouts_of_a_project_share_a_state_and_two_projects_do_not(tmp_path: Path) -> None:
    said = {"MLOPS_CI_STATE": "/srv/state"}
    shared, bucket = Target("local", store="/srv/store"), Target("local", store="s3://bucket/one")
    one, two = tmp_path / "one", tmp_path / "two"
    assert state_folder(one, shared, said) == state_folder(two, shared, said)
    assert state_folder(one, bucket, said) == state_folder(two, bucket, said)
    own = Target("local")  # a store in each checkout is a store each
    found = {state_folder(one, t, said) for t in (shared, bucket, own)} | {state_folder(two, own, said)}
    assert len(found) == 4
    assert {place.parent for place in found} == {Path("/srv/state")}


def test_a_state_that_is_no_absolute_path_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        state_folder(tmp_path, Target("local"), {"MLOPS_CI_STATE": "state"})
    assert raised.value.hint == "export MLOPS_CI_STATE=/srv/mlops-ci/state"
