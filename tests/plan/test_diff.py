"""The comparison of desired, recorded and deployed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.model import CHECKS, Candidate, Checks, Environment, Model, Resources, Serving, ServingKind
from mlops_ci.plan.change import Action
from mlops_ci.plan.desired import Reach
from mlops_ci.records.facts import Seen
from tests.factories import (
    a_candidate,
    a_model,
    clock,
    decided,
    evaluated,
    trained,
)
from tests.worlds import done_world, new_world, only, steps, told, with_candidate


def with_environments(model: Model, *environments: Environment) -> Model:
    return replace(model, environments=environments)


ALL_STEPS = [
    "train/boosting", "train/linear", "evaluate/boosting", "evaluate/linear", "promote",
    "deploy/staging", "test/staging", "gate/production", "deploy/production",
]  # fmt: skip


def test_a_world_in_which_everything_was_done_has_an_empty_plan() -> None:
    plan = done_world().plan()
    assert plan.is_empty
    assert plan.changes == ()
    assert plan.notes == ()


def test_the_order_and_repetition_of_records_change_no_plan() -> None:
    world = new_world().recording(*trained(new_world().desired, "linear"))
    turned = replace(world, facts=(*reversed(world.facts), *world.facts))
    assert turned.plan() == world.plan()


@pytest.mark.parametrize(
    "changed",
    [
        replace(a_model(), owner="bob"),
        replace(a_model(), description="who leaves"),
        with_candidate(a_model(), "linear", resources=Resources(count=4)),
        with_candidate(a_model(), "linear", resources=Resources(instance="ml.m5.xlarge")),
        with_candidate(a_model(), "linear", resources=Resources(spot=True, max_runtime=60)),
        with_candidate(a_model(), "linear", description="the simplest"),
    ],
    ids=["owner", "description", "count", "instance", "spot", "candidate-description"],
)
def test_a_change_that_affects_no_result_is_told_as_metadata_and_causes_no_work(changed: Model) -> None:
    plan = done_world().desiring(changed).plan()
    assert only(plan).action is Action.METADATA
    assert only(plan).reasons
    assert plan.is_empty


def test_a_candidate_that_is_gone_is_told_once_as_removed() -> None:
    model = a_model()
    plan = done_world().desiring(replace(model, candidates=(model.candidates[0],))).plan()
    assert ("linear", Action.REMOVED) in told(plan)


def test_a_candidate_that_came_and_went_again_is_told_as_removed_though_that_state_was_seen_before() -> None:
    model = a_model()
    fewer = replace(model, candidates=(model.candidates[0],))
    world, before = done_world(), done_world().desiring(fewer).desired
    early, late = clock(40), clock(60)
    world = world.recording(
        Seen("churn", before.state(), canonical(before.metadata()), early, 1),
        Seen("churn", world.desired.state(), canonical(world.desired.metadata()), late, 2),
    )
    gone = world.desiring(fewer)
    assert ("linear", Action.REMOVED) in told(gone.plan())
    seen = Seen("churn", before.state(), canonical(before.metadata()), clock(70), 3)
    assert ("linear", Action.REMOVED) not in told(gone.recording(seen).plan())


def test_what_is_not_on_the_branch_stops_after_evaluation_and_says_so() -> None:
    changed = with_candidate(a_model(), "boosting", hyperparameters=(("learning_rate", 0.2),))
    plan = done_world().desiring(changed, reach=Reach.AFTER_MERGE).plan()
    assert steps(plan) == ["train/boosting", "evaluate/boosting"]
    assert [note.code for note in plan.notes] == ["after-merge"]


def test_what_is_not_on_the_branch_says_who_would_win_once_it_is_evaluated() -> None:
    changed = with_candidate(a_model(), "boosting", hyperparameters=(("learning_rate", 0.2),))
    world = done_world().desiring(changed, reach=Reach.AFTER_MERGE)
    world = world.recording(*trained(world.desired, "boosting"), evaluated(world.desired, "boosting", 0.97))
    plan = world.recording(decided(world.desired, world.facts, "boosting")).plan()
    (note,) = plan.notes
    assert "`boosting` has the best accuracy" in note.sentence
    assert plan.is_empty


def test_an_endpoint_of_an_environment_that_is_gone_is_told_as_removed() -> None:
    plan = done_world().desiring(with_environments(a_model(), Environment("staging"))).plan()
    assert ("production", Action.REMOVED) in told(plan)
    assert "mlops-ci destroy production churn" in next(c.summary for c in plan.changes if c.subject == "production")


def test_an_endpoint_of_a_model_that_is_gone_is_told_as_removed() -> None:
    world = done_world()
    lost = replace(world.deployed[0], model="old")
    plan = replace(world, deployed=(*world.deployed, lost)).plan()
    assert [(c.model, c.action) for c in plan.changes] == [("old", Action.REMOVED)]


def test_an_endpoint_of_a_model_that_was_not_selected_is_no_removal() -> None:
    world = done_world()
    other = replace(world.deployed[0], model="other")
    plan = replace(world, deployed=(*world.deployed, other), known=("churn", "other")).plan()
    assert plan.changes == ()


candidates = st.lists(
    st.builds(
        a_candidate,
        st.sampled_from(["boosting", "linear", "forest", "net"]),
        rate=st.floats(allow_nan=False, allow_infinity=False),
        depth=st.integers(),
    ),
    min_size=1,
    unique_by=lambda candidate: candidate.name,
)
chains = st.sampled_from([(), ("staging",), ("staging", "production"), ("dev", "staging", "production")])
servings = st.builds(
    Serving,
    script=st.just("src/serve/inference.py"),
    workers=st.integers(min_value=1, max_value=8),
    batching=st.booleans(),
    kind=st.sampled_from(ServingKind),
)
checks = st.builds(Checks, skip=st.sets(st.sampled_from(CHECKS)).map(lambda names: tuple(sorted(names))))


@given(candidates, chains, servings, checks, st.booleans())
def test_whatever_the_model_nothing_is_left_once_everything_was_done(
    found: list[Candidate], chain: tuple[str, ...], serving: Serving, tests: Checks, approval: bool
) -> None:
    environments = tuple(
        Environment(name, promotes_from=chain[at - 1] if at else "", approval=approval and at > 0)
        for at, name in enumerate(chain)
    )
    ordered = tuple(sorted(found, key=lambda candidate: candidate.name))
    model = replace(a_model(), candidates=ordered, serving=serving, tests=tests, environments=environments)
    plan = done_world(model, winner=ordered[0].name).plan()
    assert (plan.changes, plan.steps, plan.notes) == ((), (), ())
