"""Where endpoints run on instances that cost, a plan says what those cost that it makes or changes."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.model import Autoscaling, Environment, Serving, ServingKind, ServingResources
from mlops_ci.plan.change import Note
from mlops_ci.plan.costs import running_cost
from mlops_ci.plan.environments import environment_changes
from tests.worlds import World, done_world


def billed(world: World) -> World:
    return replace(world, desired=replace(world.desired, is_billed=True))


def costs(world: World) -> list[str]:
    return [note.sentence for note in world.plan().notes if note.code == "cost"]


def test_an_endpoint_that_is_to_be_made_says_what_it_costs() -> None:
    world = billed(done_world())
    assert costs(replace(world, deployed=world.deployed[1:])) == [
        "`staging` costs about 0.115 USD an hour (1 ml.m5.large, us-east-1 list price)"
    ]


def test_what_serves_as_it_should_is_not_told_again() -> None:
    assert costs(billed(done_world())) == []


def test_a_new_version_on_the_same_instances_costs_what_the_old_one_did() -> None:
    world = billed(done_world())
    staging, production = world.deployed
    plan = replace(world, deployed=(replace(staging, workers=7), production)).plan()
    assert [change.subject for change in plan.changes] == ["staging"]
    assert [note for note in plan.notes if note.code == "cost"] == []


def test_other_instances_than_those_that_serve_are_told() -> None:
    world = billed(done_world())
    staging, production = world.deployed
    others = (
        replace(staging, instance="ml.c5.large"),
        replace(staging, count=3),
        replace(staging, autoscaling="max=9 min=1"),
    )
    for other in others:
        assert len(costs(replace(world, deployed=(other, production)))) == 1


def test_on_a_machine_of_one_s_own_nothing_costs() -> None:
    world = done_world()
    assert costs(replace(world, deployed=())) == []


def test_a_batch_model_has_no_endpoint_that_costs() -> None:
    world = billed(done_world())
    model = replace(world.desired.model, serving=Serving(script="src/serve/inference.py", kind=ServingKind.BATCH))
    found = environment_changes(replace(world.desired, model=model), world.ledger, ())
    assert [item for item in found if isinstance(item, Note)] == []


def test_before_the_first_release_the_environment_that_follows_at_once_is_told() -> None:
    world = billed(done_world())
    desired = replace(world.desired, release=replace(world.desired.release, champion=None, environments=()))
    found = [note.subject for note in environment_changes(desired, world.ledger, ())]
    assert found == ["staging"]


def test_instances_that_scale_cost_between_two_sums_and_an_unknown_price_is_said_to_be_unknown() -> None:
    place = Environment("live", autoscaling=Autoscaling(min=2, max=4))
    assert running_cost(place) == (
        "`live` costs about 0.23 to 0.46 USD an hour (2 to 4 ml.m5.large, us-east-1 list price)"
    )
    place = Environment("live", resources=ServingResources("ml.x9.large", 2))
    assert running_cost(place) == ("what `live` costs an hour is unknown (2 ml.x9.large: no price of it is known here)")
