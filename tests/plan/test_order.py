"""The order of steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.model import (
    Standing,
)
from mlops_ci.plan.change import Action
from mlops_ci.records.facts import Decided, Evaluated, Tested
from tests.factories import (
    Files,
    a_model,
    package_of,
)
from tests.worlds import World, done_world, new_world, steps, told

ALL_STEPS = [
    "train/boosting", "train/linear", "evaluate/boosting", "evaluate/linear", "promote",
    "deploy/staging", "test/staging", "gate/production", "deploy/production",
]  # fmt: skip


def test_a_new_model_is_trained_evaluated_promoted_and_deployed() -> None:
    plan = new_world().plan()
    assert told(plan) == [("boosting", Action.NEW), ("linear", Action.NEW)]
    assert steps(plan) == ALL_STEPS
    assert not plan.is_empty


def test_what_production_waits_for_is_tested_before_its_gate_is_asked() -> None:
    world = done_world().without(Tested)
    package = package_of(world.desired, "boosting")
    plan = world.releasing(environments=(Standing("staging", 1, package),)).plan()
    assert steps(plan) == ["test/staging", "gate/production", "deploy/production"]


def worlds() -> list[World]:
    done = done_world()
    return [
        new_world(),
        done,
        done.without(Evaluated),
        done.without(Tested),
        done.without(Decided),
        replace(done, deployed=()),
        done.desiring(a_model(), files=Files(code=(("linear.py", "9" * 40),))),
        done.desiring(a_model(), files=Files(serving=(("inference.py", "9" * 40),))),
    ]


@pytest.mark.parametrize("world", worlds(), ids=range(len(worlds())))
def test_every_need_of_a_step_is_an_earlier_step_and_no_step_comes_twice(world: World) -> None:
    before: set[str] = set()
    for scheduled in world.plan().steps:
        assert set(scheduled.needs) <= before
        assert scheduled.step.id not in before
        before.add(scheduled.step.id)
