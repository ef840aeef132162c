"""What a gate says of many models, and what waits before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.errors import UsageError
from mlops_ci.model import Environment, Hold, Standing
from mlops_ci.plan.gates import Gates, Says, Turn, gates, turn_of, waiting_of
from mlops_ci.records.facts import Approved, Tested
from tests.factories import a_model, clock, package_of
from tests.worlds import World, done_world

ASKING = (Environment("staging"), Environment("production", promotes_from="staging", approval=True))


def before(*, approval: bool = False) -> World:
    """Return the world in which v1 is tested on staging, and production serves nothing yet."""
    model = replace(a_model(), environments=ASKING) if approval else a_model()
    world = done_world(model)
    staging = tuple(s for s in world.desired.release.environments if s.environment == "staging")
    return world.releasing(environments=staging)


def said(world: World, environment: str = "production", superseded: tuple[str, ...] = ()) -> Gates:
    return gates((world.desired,), environment, world.ledger, superseded)


def approved(world: World, verdict: str = "") -> Approved:
    package = package_of(world.desired, "boosting")
    return Approved("churn", "production", package, "ada", "", clock(58), verdict, "registry" if verdict else "")


def test_what_lacks_nothing_waits_and_the_gate_is_open() -> None:
    found = said(before())
    assert [(m.name, m.says) for m in found.waiting] == [("churn@v1", Says.OPEN)]
    assert (found.is_open, found.is_refused) == (True, False)


def test_what_lacks_an_approval_alone_waits_and_is_no_refusal() -> None:
    found = said(before(approval=True))
    assert [(m.name, m.says) for m in found.waiting] == [("churn@v1", Says.WAITS)]
    assert (found.is_open, found.is_refused) == (False, False)


def test_with_its_approval_it_lacks_nothing() -> None:
    world = before(approval=True)
    found = said(world.recording(approved(world)))
    assert [m.says for m in found.models] == [Says.OPEN]


def test_what_lacks_evidence_does_not_wait_and_is_refused() -> None:
    found = said(before(approval=True).without(Tested))
    assert [m.says for m in found.models] == [Says.CLOSED]
    assert (found.waiting, found.is_open, found.is_refused) == ((), False, True)


def test_what_a_person_rejected_is_refused() -> None:
    world = before()
    assert said(world.recording(approved(world, "rejected"))).is_refused


def test_what_is_in_already_does_not_wait_also_where_its_evidence_is_gone() -> None:
    found = said(done_world().without(Tested))
    assert [m.says for m in found.models] == [Says.IN]
    assert (found.waiting, found.is_open) == ((), True)


def test_an_environment_that_is_held_waits_for_nobody() -> None:
    world = before()
    held = Standing("production", 7, "f" * 64, Hold("ada", "complaints"))
    found = said(world.releasing(environments=(*world.desired.release.environments, held)))
    assert [m.says for m in found.models] == [Says.HELD]
    assert found.waiting == ()


def test_an_environment_without_a_gate_takes_the_champion() -> None:
    world = done_world().releasing(environments=())
    assert [(m.name, m.says) for m in said(world, "staging").waiting] == [("churn@v1", Says.OPEN)]
    assert [m.says for m in said(world).models] == [Says.NOTHING]


def test_a_model_that_is_superseded_is_judged_by_nobody() -> None:
    found = said(before().without(Tested), superseded=("churn",))
    assert [m.says for m in found.models] == [Says.SUPERSEDED]
    assert (found.is_open, found.is_refused, found.waiting) == (True, False, ())


def turn(world: World, version: int) -> Turn:
    environment = world.desired.model.environment("production")
    assert environment is not None
    return turn_of(world.desired, environment, world.ledger, version)


def test_exactly_the_version_that_waits_is_approved_and_no_other() -> None:
    world = before(approval=True)
    assert turn(world, 1) is Turn.APPROVE
    assert turn(world, 2) is Turn.MOVED
    assert turn(world.releasing(environments=()), 1) is Turn.MOVED


def test_what_is_approved_or_in_or_not_asked_for_needs_no_approval() -> None:
    world = before(approval=True)
    assert turn(world.recording(approved(world)), 1) is Turn.NOTHING
    assert turn(done_world(), 1) is Turn.NOTHING
    assert turn(before(), 1) is Turn.NOTHING


def test_after_a_no_a_yes_is_asked_for_although_the_manifest_asks_for_none() -> None:
    world = before()
    assert turn(world.recording(approved(world, "rejected")), 1) is Turn.APPROVE


def test_a_list_is_read_as_it_is_printed() -> None:
    assert waiting_of("churn@v1,two-parts@v12") == (("churn", 1), ("two-parts", 12))
    assert waiting_of("churn@v1, churn@v1,") == (("churn", 1),)
    assert waiting_of("") == waiting_of(" ") == ()


@pytest.mark.parametrize(
    "text", ["churn", "churn@1", "churn@v0", "Churn@v1", "a/b@v1", "-x@v1", "churn@v1\nx@v2", "$(id)@v1"]
)
def test_what_is_no_list_of_versions_is_a_mistake(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        waiting_of(text)
    assert "no version of a model" in raised.value.summary
