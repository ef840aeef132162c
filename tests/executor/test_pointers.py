"""Moving a pointer: one commit, again where somebody was faster, nothing where nothing is to move."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.errors import TryAgain
from mlops_ci.executor.pointers import move, pointed
from mlops_ci.model import Release, Standing
from tests.executor.small import small
from tests.executor.small_ports import RELEASE

FOLDER = "pipelines/tiny"


def to_version(number: int) -> Standing:
    return Standing("staging", number, str(number) * 64)


def step(number: int):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a closure
    def moved(release: Release) -> tuple[Release, str]:
        return pointed(release, to_version(number)), f"Deploy v{number}"

    return moved


def test_the_move_is_a_commit_on_the_tip(tmp_path: Path) -> None:
    world = small(tmp_path)
    release, commit = move(world.world, "tiny", FOLDER, step(1))
    assert commit == world.repository.main
    assert world.release == release
    assert [landing.message for landing in world.repository.landings] == ["Deploy v1"]


def test_nothing_to_move_is_no_commit(tmp_path: Path) -> None:
    world = small(tmp_path)
    assert move(world.world, "tiny", FOLDER, lambda _: None) == (Release(), "")
    assert world.repository.landings == []


def test_who_was_faster_is_read_and_not_overwritten(tmp_path: Path) -> None:
    world = small(tmp_path)

    def faster() -> None:
        world.repository.before_land = lambda: None
        move(world.world, "tiny", FOLDER, lambda r: (pointed(r, Standing("production", 9, "9" * 64)), "faster"))

    world.repository.before_land = faster
    release, _ = move(world.world, "tiny", FOLDER, step(1))
    assert {s.environment: s.version for s in release.environments} == {"production": 9, "staging": 1}


def test_a_branch_that_never_stands_still_asks_to_try_again(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.repository.before_land = lambda: world.repository.commit_on_main({})
    with pytest.raises(TryAgain) as raised:
        move(world.world, "tiny", FOLDER, step(1))
    assert raised.value.hint
    assert RELEASE not in world.repository.commits[world.repository.main]


def test_a_standing_replaces_that_of_its_environment_alone() -> None:
    release = replace(Release(), environments=(Standing("production", 1, "1" * 64), to_version(1)))
    assert pointed(release, to_version(2)).environments == (release.environments[0], to_version(2))
