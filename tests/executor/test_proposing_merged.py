"""Moves as pull requests: merged in any way, found in git, and nothing served before."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.errors import AwaitsMerge
from mlops_ci.executor.held import destroy, release_hold, roll_back
from mlops_ci.plan.steps import Deploy, Scheduled
from tests.executor.protected import WAYS, proposed, protected, released, request, serving, waits
from tests.executor.small import candidate


@pytest.mark.parametrize("how", WAYS)
def test_merged_in_any_way_one_merge_suffices_for_staging_and_another_for_production(tmp_path: Path, how: str) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    proposals.merge("tiny/promote", how)
    result = world.run()
    assert world.outcomes(result) == {
        "deploy/staging": "done", "test/staging": "done", "gate/production": "done", "deploy/production": "waiting",
    }  # fmt: skip
    assert serving(world) == {"staging": 1}
    assert world.repository.tags == ["tiny/v1"]
    (promoted,) = world.ledger.promotions["tiny"]
    champion = world.release.champion
    assert champion is not None
    assert (promoted.version, promoted.package, promoted.base) == (1, champion.package, champion.commit)
    assert "`good` wins" in promoted.sentence
    assert proposed(proposals)[-1] == ("mlops-ci/tiny/deploy-production", "Deploy tiny v1 to production")
    proposals.merge("tiny/deploy-production", how)
    world.run()
    assert serving(world) == {"staging": 1, "production": 1}
    assert [(s.environment, s.version) for s in world.ledger.served["tiny"]] == [("staging", 1), ("production", 1)]
    assert world.steps() == []
    assert len(world.ledger.promotions["tiny"]) == 1


def test_a_squash_under_a_message_of_its_own_loses_no_fact(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    proposals.merge("tiny/promote", "squash", "ship it!")
    waits(world)
    (promoted,) = world.ledger.promotions["tiny"]
    assert (promoted.candidate, promoted.commit) == ("good", world.repository.main)
    assert "`good` wins" in promoted.sentence  # the record of the contest has it


def test_a_clone_that_is_too_shallow_to_have_the_merge_goes_on_all_the_same(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    proposals.merge("tiny/promote", "squash")
    world.repository.landings.clear()
    waits(world)
    assert [p.version for p in world.ledger.promotions["tiny"]] == [1]
    waits(world)
    assert [p.version for p in world.ledger.promotions["tiny"]] == [1]


def test_of_two_versions_merged_without_a_run_between_them_both_are_told(tmp_path: Path) -> None:
    world, proposals = released(tmp_path)
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)
    proposals.merge("tiny/promote", "squash", "ship it")
    gone = [name for name in world.records.kept if "/promotions/" in name]
    for name in gone:
        del world.records.kept[name]
    waits(world)
    assert [p.version for p in world.ledger.promotions["tiny"]] == [1, 2]
    assert world.repository.tags == ["tiny/v1", "tiny/v2"]


def test_while_a_move_waits_the_environment_serves_what_git_says(tmp_path: Path) -> None:
    world, proposals = released(tmp_path)
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)
    proposals.merge("tiny/promote", "rebase")
    world.endpoints.kill("production")
    waits(world)
    assert serving(world) == {"staging": 2, "production": 1}
    world.endpoints.kill("production")
    result = world.perform(world.assess(), (Scheduled(Deploy("tiny", "production"), ()),))
    assert result.exit_code == 75
    assert serving(world) == {"staging": 2, "production": 1}


def test_a_rollback_is_proposed_and_serves_when_it_is_merged(tmp_path: Path) -> None:
    world, proposals = released(tmp_path)
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)
    proposals.merge("tiny/promote", "squash")
    waits(world)
    proposals.merge("tiny/deploy-production", "squash")
    world.run()
    desired = world.assess().desired[0]
    production = desired.model.environments[1]
    for _ in range(2):
        with pytest.raises(AwaitsMerge) as waiting:
            roll_back(world.world, desired, production, world.ledger, lambda _: None, to=None, why="complaints")
    found, said = request(proposals)
    assert found.url in waiting.value.hint
    assert "mlops-ci deploy production tiny" in waiting.value.hint
    assert "complaints" in said.body
    assert serving(world)["production"] == 2
    assert len(proposed(proposals)) == 5
    proposals.merge("tiny/rollback-production", "squash", "back!")
    world.run()
    assert serving(world)["production"] == 1
    assert world.steps() == []

    desired = world.assess().desired[0]
    with pytest.raises(AwaitsMerge):
        release_hold(world.world, desired, production)
    proposals.merge("tiny/release-production", "merge")
    world.run()
    assert serving(world)["production"] == 2  # one merge ended the hold and let it follow


def test_an_endpoint_ends_when_the_end_of_its_pointer_is_merged(tmp_path: Path) -> None:
    world, proposals = released(tmp_path)
    desired = world.assess().desired[0]
    with pytest.raises(AwaitsMerge):
        destroy(world.world, "tiny", "pipelines/tiny", "production", desired)
    assert serving(world) == {"staging": 1, "production": 1}
    proposals.merge("tiny/destroy-production", "merge")
    assert destroy(world.world, "tiny", "pipelines/tiny", "production", desired)
    assert serving(world) == {"staging": 1}
