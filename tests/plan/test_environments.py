"""What environments need: versions, endpoints, evidence, people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.model import (
    Checks,
    Environment,
    Hold,
    Model,
    Serving,
    ServingKind,
    ServingResources,
    Standing,
)
from mlops_ci.plan.change import Action
from mlops_ci.plan.deployed import EndpointState
from mlops_ci.records.facts import Approved, Tested
from tests.factories import (
    a_model,
    checked,
    clock,
    package_of,
)
from tests.worlds import codes, done_world, only, steps, told


def with_environments(model: Model, *environments: Environment) -> Model:
    return replace(model, environments=environments)


ALL_STEPS = [
    "train/boosting", "train/linear", "evaluate/boosting", "evaluate/linear", "promote",
    "deploy/staging", "test/staging", "gate/production", "deploy/production",
]  # fmt: skip


@pytest.mark.parametrize("state", [EndpointState.OUT_OF_SERVICE, EndpointState.FAILED])
def test_a_dead_production_endpoint_is_redeployed_without_asking_the_gate(state: EndpointState) -> None:
    world = done_world().without(Tested)
    world = world.recording(checked(world.desired, "staging", package_of(world.desired, "boosting")))
    staging, production = world.deployed
    plan = replace(world, deployed=(staging, replace(production, state=state, detail="it was killed"))).plan()
    assert only(plan).action is Action.REDEPLOY
    assert only(plan).reasons[0].sentence == "it was killed"
    assert only(plan).summary == "deploy v1 to `production` again: it was killed"
    assert steps(plan) == ["deploy/production"]


def test_an_endpoint_that_is_not_there_is_redeployed() -> None:
    world = done_world()
    plan = replace(world, deployed=world.deployed[1:]).plan()
    assert told(plan) == [("staging", Action.REDEPLOY)]
    assert codes(only(plan)) == ["not-serving"]
    assert steps(plan) == ["deploy/staging", "test/staging"]


def test_an_endpoint_that_serves_another_package_than_git_names_has_drifted() -> None:
    world = done_world()
    staging, production = world.deployed
    plan = replace(world, deployed=(staging, replace(production, package="f" * 64))).plan()
    assert told(plan) == [("production", Action.DRIFT)]
    assert steps(plan) == ["deploy/production"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (replace(a_model(), serving=Serving(script="src/serve/inference.py", workers=3)), "serving.workers"),
        (replace(a_model(), serving=Serving(script="src/serve/inference.py", batching=True)), "serving.batching"),
    ],
    ids=["workers", "batching"],
)
def test_another_way_of_serving_redeploys_without_training_or_evaluating(changed: Model, field: str) -> None:
    plan = done_world().desiring(changed).plan()
    assert told(plan) == [("staging", Action.REDEPLOY), ("production", Action.REDEPLOY)]
    assert {r.field for c in plan.changes for r in c.reasons} == {field}
    assert not [s for s in steps(plan) if s.startswith(("train", "evaluate", "promote"))]


def test_workers_of_one_environment_redeploy_that_one_alone() -> None:
    changed = with_environments(
        a_model(), Environment("staging"), Environment("production", "staging", resources=ServingResources(workers=4))
    )
    assert told(done_world().desiring(changed).plan()) == [("production", Action.REDEPLOY)]


@pytest.mark.parametrize("resources", [ServingResources(instance="ml.c5.large"), ServingResources(count=2)])
def test_changing_only_instance_or_count_redeploys_without_retraining(resources: ServingResources) -> None:
    changed = with_environments(
        a_model(), Environment("staging"), Environment("production", "staging", resources=resources)
    )
    plan = done_world().desiring(changed).plan()
    assert told(plan) == [("production", Action.REDEPLOY)]
    assert steps(plan) == ["deploy/production"]


def test_a_model_that_became_batch_ends_its_endpoints() -> None:
    changed = replace(a_model(), serving=Serving(script="src/serve/inference.py", kind=ServingKind.BATCH))
    plan = done_world().desiring(changed).plan()
    assert told(plan) == [("staging", Action.REDEPLOY), ("production", Action.REDEPLOY)]
    assert {r.field for c in plan.changes for r in c.reasons} == {"serving.kind"}
    assert not [s for s in steps(plan) if s.startswith(("train", "evaluate", "promote"))]


def test_a_held_environment_stays_and_says_who_held_it_and_how_it_is_released() -> None:
    world = done_world()
    held = Standing("production", 3, "e" * 64, Hold("Ann", "it was slow"))
    staging, production = world.deployed
    world = world.releasing(environments=(world.desired.release.environments[0], held))
    plan = replace(world, deployed=(staging, replace(production, package="e" * 64, version=3))).plan()
    (note,) = plan.notes
    assert note.code == "held"
    assert "Ann" in note.sentence
    assert "it was slow" in note.sentence
    assert note.hint == "mlops-ci release production churn"
    assert plan.is_empty


def test_a_gate_that_is_closed_by_a_failed_check_blocks_with_the_evidence() -> None:
    world = done_world().without(Tested)
    package = package_of(world.desired, "boosting")
    world = world.releasing(environments=(Standing("staging", 1, package),))
    plan = world.recording(checked(world.desired, "staging", package, verdict="failed")).plan()
    (note,) = plan.notes
    assert note.code == "blocked"
    assert "`metric` failed on `staging`" in note.sentence
    assert not [s for s in steps(plan) if s.endswith("production")]


def test_the_production_gate_takes_no_evidence_of_another_package() -> None:
    world = done_world().without(Tested)
    package = package_of(world.desired, "boosting")
    world = world.releasing(environments=(Standing("staging", 1, package),))
    other = checked(world.desired, "staging", package_of(world.desired, "linear"))
    plan = world.recording(other).plan()
    assert "test/staging" in steps(plan)
    gate = next(s for s in plan.steps if s.step.id == "churn/gate/production")
    assert "churn/test/staging" in gate.needs


def test_an_approval_that_is_missing_is_asked_for_and_one_that_is_given_opens() -> None:
    asking = with_environments(a_model(), Environment("staging"), Environment("production", "staging", approval=True))
    world = done_world(asking)
    package = package_of(world.desired, "boosting")
    world = world.releasing(environments=(Standing("staging", 1, package),))
    (note,) = world.plan().notes
    assert note.code == "approval"
    assert note.hint == "mlops-ci approve production churn"
    plan = world.recording(Approved("churn", "production", package, "Ann", "fine", clock(90))).plan()
    assert plan.notes == ()
    assert steps(plan) == ["gate/production", "deploy/production"]


def test_tests_that_changed_run_again_without_a_deployment() -> None:
    changed = replace(a_model(), tests=Checks(tolerance=0.1))
    plan = done_world().desiring(changed).plan()
    assert told(plan) == [("staging", Action.REEVALUATE)]
    assert codes(only(plan)) == ["tests-changed"]
    assert steps(plan) == ["test/staging"]


def test_a_batch_model_needs_no_endpoint() -> None:
    batch = replace(a_model(), serving=Serving(script="src/serve/inference.py", kind=ServingKind.BATCH))
    assert replace(done_world(batch), deployed=()).plan().is_empty
