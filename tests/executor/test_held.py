"""What people decide: going back, holding, releasing, approving, ending."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.executor.held import approve, destroy, release_hold, roll_back
from mlops_ci.model import Environment, Standing
from tests.executor.small import Small, candidate, small


def versions(root: Path) -> Small:
    """Return a world in which production served v1, v2 and v3."""
    world = small(root)
    world.push("candidates/good.yaml", candidate(2))
    world.run()
    world.push("candidates/good.yaml", candidate(3))
    world.run()
    world.push("candidates/good.yaml", candidate(5))
    world.run()
    assert standing(world).version == 3
    return world


def production(world: Small) -> Environment:
    return world.assess().desired[0].model.environments[1]


def standing(world: Small, environment: str = "production") -> Standing:
    found = world.release.standing(environment)
    assert found is not None
    return found


def back(world: Small, *, to: int | None = None) -> int:
    desired = world.assess().desired[0]
    now, _ = roll_back(world.world, desired, production(world), world.ledger, lambda _: None, to=to, why="complaints")
    return now.version


def test_a_rollback_goes_to_what_was_served_before_and_holds_it(tmp_path: Path) -> None:
    world = versions(tmp_path)
    assert back(world) == 2
    assert world.endpoints.serving["production", "tiny"][1].version == 2
    held = standing(world).held
    assert held
    assert held.by.startswith("Ada")
    assert held.why == "complaints"
    world.run()
    assert standing(world).version == 2
    assert standing(world, "staging").version == 3
    assert world.steps() == []


def test_a_second_rollback_goes_further_back_and_never_to_what_was_rolled_back(tmp_path: Path) -> None:
    world = versions(tmp_path)
    assert back(world) == 2
    assert back(world) == 1
    with pytest.raises(UsageError) as raised:
        back(world)
    assert "mlops-ci history tiny" in raised.value.hint


def test_a_rollback_needs_no_record_of_what_was_served(tmp_path: Path) -> None:
    """A command that was killed after the commit recorded nothing; nor has a clone without the old records."""
    world = versions(tmp_path)
    for name in [name for name in world.records.kept if "/deployments/" in name]:
        del world.records.kept[name]
    assert back(world) == 2


def test_a_rollback_to_a_version_by_number(tmp_path: Path) -> None:
    world = versions(tmp_path)
    assert back(world, to=1) == 1
    with pytest.raises(UsageError):
        back(world, to=9)


def test_released_it_follows_again(tmp_path: Path) -> None:
    world = versions(tmp_path)
    back(world)
    desired = world.assess().desired[0]
    assert release_hold(world.world, desired, production(world)).held is None
    world.run()
    assert standing(world).version == 3
    assert world.steps() == []
    with pytest.raises(UsageError):
        release_hold(world.world, desired, production(world))


def test_nothing_is_rolled_back_where_nothing_serves(tmp_path: Path) -> None:
    world = small(tmp_path)
    with pytest.raises(UsageError):
        back(world)


def test_an_approval_is_for_one_package(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.rewrite("{promotes_from: staging}", "{promotes_from: staging, approval: true}")
    with pytest.raises(UsageError):
        approve(world.world, world.assess().desired[0], production(world), why="")
    assert world.run().exit_code == 75
    assert world.steps() == []
    approve(world.world, world.assess().desired[0], production(world), why="looks good")
    assert world.run().exit_code == 0
    assert standing(world).version == 1
    world.push("candidates/bad.yaml", candidate(5))
    assert world.run().exit_code == 75
    assert standing(world).version == 1


def test_an_ended_environment_is_forgotten_and_brought_back_by_the_next_run(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    assert destroy(world.world, "tiny", "pipelines/tiny", "production")
    assert world.release.standing("production") is None
    assert ("production", "tiny") not in world.endpoints.serving
    assert not destroy(world.world, "tiny", "pipelines/tiny", "production")
    assert world.run().exit_code == 0
    assert standing(world).version == 1
    assert world.steps() == []
