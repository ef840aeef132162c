"""Who is meant by a name, whether it may be compared, and in what two were made differently."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.model import Evaluation
from mlops_ci.plan.comparison import Missing, Side, find_fields, find_side, names
from mlops_ci.records.facts import Evaluated
from tests.factories import Files, a_model, evaluated, package_of, trained
from tests.worlds import World, done_world, new_world, with_candidate

CHANNELS = Files(data=(("test", "3" * 40), ("train", "4" * 40)))


def side(world: World, asked: str) -> Side:
    found = find_side(world.desired, world.ledger, asked)
    assert isinstance(found, Side), found
    return found


def retuned() -> World:
    """Return the world in which `boosting` was trained and evaluated anew, and version 1 stays champion."""
    world = done_world().desiring(with_candidate(a_model(), "boosting", hyperparameters=(("learning_rate", 0.2),)))
    made = evaluated(world.desired, "boosting", 0.94)
    return world.recording(*trained(world.desired, "boosting", minute=60), made)


def test_a_name_is_a_candidate_the_champion_a_version_an_environment_or_a_past_fingerprint() -> None:
    world = retuned()
    v1 = world.desired.release.package(1)
    assert side(world, "boosting").evaluated.package == package_of(world.desired, "boosting") != v1
    for asked in ("champion", "v1", "1", "production"):
        found = side(world, asked)
        assert (found.asked, found.candidate, found.version, found.evaluated.package) == (asked, "boosting", 1, v1)
    past = side(world, "champion").evaluated.fingerprint
    assert side(world, past[:7]).evaluated.package == v1
    assert side(world, "v1").title == "v1 (boosting)"
    assert side(world, "boosting").title == "boosting"
    for asked in ("v2", "nobody", past[:3], ""):
        assert find_side(world.desired, world.ledger, asked) is None
    assert names(world.desired) == ("boosting", "linear", "champion", "v1")


def test_what_was_not_trained_or_not_evaluated_is_told_with_what_to_type() -> None:
    new = new_world()
    assert find_side(new.desired, new.ledger, "linear") == Missing(
        "is not trained as it is now", "mlops-ci train churn --candidate linear"
    )
    assert find_side(new.desired, new.ledger, "champion") == Missing("is nobody yet", "mlops-ci run churn")
    assert "champion" not in names(new.desired)
    unjudged = done_world().without(Evaluated)
    missing = Missing("is not evaluated on today's test rows", "mlops-ci evaluate churn")
    assert find_side(unjudged.desired, unjudged.ledger, "linear") == missing
    assert find_side(unjudged.desired, unjudged.ledger, "champion") == missing


def test_what_was_judged_on_other_rows_is_not_compared() -> None:
    world = done_world(files=CHANNELS)
    moved = world.desiring(a_model(), files=replace(CHANNELS, data=(("test", "9" * 40), ("train", "4" * 40))))
    for asked in ("champion", "v1", "linear", side(world, "linear").evaluated.fingerprint[:7]):
        found = find_side(moved.desired, moved.ledger, asked)
        assert isinstance(found, Missing)
        assert found.problem == "is not evaluated on today's test rows"


@pytest.mark.parametrize(
    "rules", [Evaluation("log_loss"), Evaluation("accuracy", ("log_loss", "recall"), threshold=0.4)]
)
def test_other_rules_on_the_same_rows_are_no_obstacle(rules: Evaluation) -> None:
    world = done_world(files=CHANNELS)
    other = world.desiring(replace(a_model(), evaluation=rules), files=CHANNELS)
    assert side(other, "v1").evaluated == side(world, "v1").evaluated
    assert side(other, "linear").evaluated == side(world, "linear").evaluated


def test_only_what_differs_is_told_and_what_people_wrote_comes_first() -> None:
    world = retuned()
    fields = find_fields(world.ledger, (side(world, "v1"), side(world, "boosting")))
    assert [(field.path, field.values) for field in fields] == [
        ("hyperparameters.learning_rate", (0.1, 0.2)),
        ("hyperparameters.max_iter", (150, None)),
    ]
    assert find_fields(world.ledger, (side(world, "v1"), side(world, "champion"))) == ()
