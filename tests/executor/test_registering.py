"""What is promoted is registered once, and what people decide there counts as if it were said here."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.commands.select import on_environment
from mlops_ci.errors import ProviderError
from mlops_ci.executor.held import approve
from mlops_ci.executor.registering import hear_all
from mlops_ci.ports.registry import Decision
from mlops_ci.records.history import history
from tests.executor.small import Small, candidate, small
from tests.executor.small_registry import SmallRegistry

ASKS = ("promotes_from: staging}", "promotes_from: staging, approval: true}")


def registered(root: Path, *, asks: bool = False) -> tuple[Small, SmallRegistry]:
    world = small(root)
    registry = world.registry = SmallRegistry(world.clock.now)
    if asks:
        world.rewrite(*ASKS)
    return world, registry


def production(world: Small) -> int:
    standing = world.release.standing("production")
    return standing.version if standing else 0


def run(world: Small) -> int:
    """Do what `run` does: hear first, then perform; return the exit code, also of what notes say."""
    hear_all(world.world, world.assess())
    return world.run().exit_code


def test_a_promotion_is_registered_with_what_it_was_made_of(tmp_path: Path) -> None:
    world, registry = registered(tmp_path)
    world.run()
    ((entry, _),) = registry.entries.values()
    champion = world.release.champion
    assert champion is not None
    assert (entry.model, entry.version, entry.candidate) == ("tiny", 1, "good")
    assert entry.package.digest == champion.package
    assert entry.scores == (("accuracy", 0.9),)
    assert entry.commit == world.ledger.evaluations_of("tiny", package=champion.package)[-1].commit


def test_the_last_gate_approves_what_it_lets_through(tmp_path: Path) -> None:
    world, registry = registered(tmp_path)
    world.run()
    assert registry.decisions() == {"tiny/1": "approved"}
    world.push("candidates/good.yaml", candidate(5))
    world.run()
    assert registry.decisions() == {"tiny/1": "approved", "tiny/2": "approved"}
    assert world.ledger.approvals == {}, "what a gate said is no person's word"


def test_nothing_is_asked_where_nothing_is_to_do(tmp_path: Path) -> None:
    world, registry = registered(tmp_path)
    world.run()
    registry.asked.clear()
    world.run()
    hear_all(world.world, world.assess())
    assert registry.asked == []


def test_an_approval_in_the_registry_opens_the_gate_and_is_on_record(tmp_path: Path) -> None:
    world, registry = registered(tmp_path, asks=True)
    assert world.run().exit_code == 75
    assert registry.decisions() == {"tiny/1": "pending"}
    registry.click("tiny/1", Decision.APPROVED, "bea", "looks fine")
    assert run(world) == 0
    assert production(world) == 1
    ((approved,),) = world.ledger.approvals.values()
    assert (approved.by, approved.why, approved.source) == ("bea", "looks fine", "registry")
    said = [h.sentence for h in history("tiny", world.release, world.ledger).happenings if h.kind.value == "approval"]
    assert said == ["approved by bea in the model registry: looks fine"]


def test_a_rejection_in_the_registry_closes_the_gate_and_says_who(tmp_path: Path) -> None:
    world, registry = registered(tmp_path, asks=True)
    world.run()
    registry.click("tiny/1", Decision.REJECTED, "bea", "too old")
    hear_all(world.world, world.assess())
    (note,) = world.assess().plan.notes
    assert note.code == "blocked"
    assert "rejected by bea in the model registry: too old" in note.sentence
    assert note.hint == "mlops-ci approve production tiny"
    assert production(world) == 0


def test_a_gate_in_another_job_hears_it_too(tmp_path: Path) -> None:
    world, registry = registered(tmp_path, asks=True)
    world.run()
    registry.click("tiny/1", Decision.REJECTED, "bea")
    situation = world.assess()
    result = world.perform(situation, on_environment(situation, "gate", "production"))
    (end,) = result.ended
    assert (result.exit_code, end.outcome.value) == (1, "refused")
    assert "rejected by bea in the model registry" in end.lines
    assert "approve production tiny" in end.hint


def test_the_last_word_counts_wherever_it_is_said(tmp_path: Path) -> None:
    world, registry = registered(tmp_path, asks=True)
    world.run()
    desired = world.assess().desired[0]
    environment = desired.model.environment("production")
    assert environment is not None
    approve(world.world, desired, environment, why="yes")
    registry.click("tiny/1", Decision.REJECTED, "bea")
    hear_all(world.world, world.assess())
    situation = world.assess()
    assert world.perform(situation, on_environment(situation, "gate", "production")).exit_code == 1
    approve(world.world, situation.desired[0], environment, why="all the same")
    assert run(world) == 0
    assert production(world) == 1
    assert registry.decisions() == {"tiny/1": "approved"}


def test_a_rejection_closes_a_gate_that_asks_for_no_approval(tmp_path: Path) -> None:
    world, registry = registered(tmp_path)
    situation = world.assess()
    world.perform(situation, tuple(s for s in situation.plan.steps if "production" not in s.step.id))
    registry.click("tiny/1", Decision.REJECTED, "bea")
    assert run(world) == 1
    assert production(world) == 0
    assert registry.decisions() == {"tiny/1": "rejected"}


def test_a_kill_between_the_commit_and_the_registration_is_made_good_by_the_next_run(tmp_path: Path) -> None:
    world, registry = registered(tmp_path)
    registry.is_down = True
    assert world.run().exit_code == 69
    champion = world.release.champion
    assert champion is not None, "the commit landed"
    assert registry.entries == {}
    with pytest.raises(ProviderError, match="down"):  # and is not forgotten
        world.run()
    registry.is_down = False
    assert world.run().exit_code == 0
    assert registry.decisions() == {"tiny/1": "approved"}
    assert registry.asked.count("register") == 1
    assert [p.version for p in world.ledger.promotions["tiny"]] == [1]


def test_what_was_promoted_before_there_was_a_registry_is_registered_at_its_gate(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.rewrite(*ASKS)
    world.run()
    registry = world.registry = SmallRegistry(world.clock.now)
    assert run(world) == 0  # it waits for approval: nothing to do
    assert registry.decisions() == {"tiny/1": "pending"}
