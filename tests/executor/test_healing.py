"""What a kill between a commit and its record lost is given back by git: once, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.executor.healing import heal, lost, whole_ledger
from mlops_ci.executor.held import roll_back
from mlops_ci.records.facts import Fact, Promoted, Served
from mlops_ci.records.history import history
from tests.executor.small import Small, candidate, small


def promoted_twice(root: Path) -> Small:
    world = small(root)
    world.run()
    world.push("candidates/good.yaml", candidate(5))
    world.run()
    return world


def forget(world: Small, *parts: str) -> dict[str, bytes]:
    """Take the records away whose names hold all of these; return them."""
    gone = {n: c for n, c in world.records.kept.items() if all(part in n for part in parts)}
    assert gone
    for name in gone:
        del world.records.kept[name]
    return gone


def happened(world: Small) -> list[tuple[str, str, int]]:
    desired = world.assess().desired[0]
    return [(h.kind.value, h.place, h.version) for h in history("tiny", desired.release, world.ledger).happenings]


@pytest.mark.parametrize("part", ["promotions/000002", "promotions/", "deployments/staging/000002",
                                  "deployments/production/000002"])  # fmt: skip
def test_a_lost_fact_is_recorded_again_by_the_next_working_verb(tmp_path: Path, part: str) -> None:
    world = promoted_twice(tmp_path)
    whole, before = set(world.records.kept), sorted(happened(world))
    forget(world, part)
    world.run()
    assert set(world.records.kept) == whole
    assert sorted(happened(world)) == before
    assert lost(world.world, world.assess()) == ()


def test_readers_see_what_was_lost_and_write_nothing(tmp_path: Path) -> None:
    world = promoted_twice(tmp_path)
    forget(world, "promotions/000002")
    kept, situation = dict(world.records.kept), world.assess()
    assert [p.version for p in whole_ledger(world.world, situation).promotions["tiny"]] == [1, 2]
    assert world.records.kept == kept


def test_nothing_is_asked_of_git_where_nothing_is_lost(tmp_path: Path) -> None:
    world = promoted_twice(tmp_path)
    world.repository.landings.clear()
    assert lost(world.world, world.assess()) == ()
    assert heal(world.world, world.assess()) == world.ledger


def test_what_git_no_longer_tells_is_not_made_up(tmp_path: Path) -> None:
    world = promoted_twice(tmp_path)
    forget(world, "promotions/")
    world.repository.landings.clear()
    assert lost(world.world, world.assess()) == ()


def test_a_message_that_the_release_does_not_bear_out_is_not_believed(tmp_path: Path) -> None:
    world = promoted_twice(tmp_path)
    forget(world, "promotions/")
    forged = world.repository.landings[0].message.replace("tiny v1", "tiny v7")
    world.repository.commit_on_main({}, forged)
    assert [p.version for p in facts(world, Promoted)] == [1, 2]


def test_a_lost_rollback_says_who_rolled_back_and_why(tmp_path: Path) -> None:
    world = promoted_twice(tmp_path)
    desired = world.assess().desired[0]
    production = desired.model.environments[1]
    roll_back(world.world, desired, production, world.ledger, lambda _: None, to=1, why="complaints")
    there = next(s for s in world.ledger.served["tiny"] if s.why.startswith("rolled back"))
    forget(world, there.name)
    assert facts(world, Served) == [replace(there, at=facts(world, Served)[0].at)]


def test_what_git_gives_back_stands_behind_what_led_to_it(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    order = [told for told in happened(world) if told[0] in {"gate", "deployment"}]
    gate = world.ledger.gates["tiny", "production"][0]
    forget(world, "deployments/production/000001")
    second = f"{gate.at[:19]}.000Z"  # as git keeps it
    world.repository.landings[:] = [replace(landing, at=second) for landing in world.repository.landings]
    world.run()
    assert [told for told in happened(world) if told[0] in {"gate", "deployment"}] == order


def test_an_endpoint_that_does_not_serve_it_is_not_said_to(tmp_path: Path) -> None:
    world = promoted_twice(tmp_path)
    forget(world, "deployments/production/000002")
    world.endpoints.kill("production")
    assert lost(world.world, world.assess()) == ()


def facts(world: Small, kind: type[Fact]) -> list[Promoted | Served]:
    return [fact for fact in lost(world.world, world.assess()) if isinstance(fact, kind)]
