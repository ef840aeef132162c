"""When a contest is held, and when it is settled."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.model import (
    BeatChampion,
    Promotion,
    Standing,
)
from mlops_ci.plan.change import Action
from mlops_ci.records.facts import Decided, Seen
from tests.factories import (
    a_model,
    checked,
    clock,
    decided,
    endpoint,
    evaluated,
    package_of,
    trained,
)
from tests.worlds import codes, done_world, only, steps, told, with_candidate


def test_evaluations_without_a_contest_are_decided() -> None:
    world = done_world().without(Decided)
    plan = world.plan()
    assert told(plan) == [("champion", Action.PROMOTE)]
    assert steps(plan)[0] == "promote"


def test_a_winner_that_is_not_champion_yet_is_promoted() -> None:
    world = done_world()
    plan = world.releasing(champion=None, environments=(), versions=()).plan()
    assert only(plan).action is Action.PROMOTE
    assert only(plan).summary == "promote `boosting`"
    assert steps(plan) == ["promote", "deploy/staging", "test/staging", "gate/production", "deploy/production"]


def test_changed_rules_of_promotion_are_judged_again_from_the_records() -> None:
    changed = replace(a_model(), promotion=Promotion(beat_champion=BeatChampion(margin=0.5)))
    plan = done_world().desiring(changed).plan()
    assert only(plan).action is Action.PROMOTE
    assert codes(only(plan)) == ["undecided"]


def test_nothing_is_left_after_a_challenger_won_against_a_champion_that_no_longer_competes() -> None:
    before = done_world()
    old = package_of(before.desired, "boosting")
    changed = with_candidate(a_model(), "boosting", hyperparameters=(("learning_rate", 0.2),))
    world = before.desiring(changed)
    world = world.recording(*trained(world.desired, "boosting", minute=60))
    world = world.recording(evaluated(world.desired, "boosting", 0.97, minute=61))
    world = world.recording(decided(world.desired, world.facts, "boosting", minute=62))
    assert only(world.plan()).summary == "promote `boosting`"
    new, champion = package_of(world.desired, "boosting"), world.desired.release.champion
    assert champion
    assert new != old
    world = world.releasing(
        champion=replace(champion, version=2, package=new),
        environments=(Standing("staging", 2, new), Standing("production", 2, new)),
        versions=((1, old), (2, new)),
    )
    world = replace(
        world, deployed=tuple(endpoint(world.desired, name, new, version=2) for name in ("production", "staging"))
    ).recording(checked(world.desired, "staging", new, version=2))
    seen = world.desired.metadata()
    assert world.recording(Seen("churn", world.desired.state(), str(seen), clock(70))).plan().is_empty
