"""The status."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.model import Environment, Hold, Serving, ServingKind, Standing
from mlops_ci.plan.deployed import EndpointState
from mlops_ci.plan.status import EnvironmentStatus, status
from mlops_ci.records.facts import Tested
from tests.factories import a_model, checked, package_of
from tests.worlds import World, done_world, new_world


def places(world: World) -> dict[str, EnvironmentStatus]:
    (model,) = status((world.desired,), world.ledger, world.deployed).models
    return {e.environment: e for e in model.environments}


def test_what_is_released_serves_and_was_tested_is_told_without_remarks() -> None:
    world = done_world()
    package = package_of(world.desired, "boosting")
    (model,) = status((world.desired,), world.ledger, world.deployed).models
    assert model.champion == world.desired.release.champion
    assert [e.environment for e in model.environments] == ["staging", "production"]
    for found in model.environments:
        assert (found.version, found.package, found.state, found.released, found.wanted) == (
            1,
            package,
            "InService",
            1,
            1,
        )
        assert (found.tests, found.drift, found.held, found.failed_checks) == ("passed", "", None, ())
        assert found.url.startswith("http://")


def test_before_anything_was_done_nothing_is_deployed() -> None:
    for found in places(new_world()).values():
        assert (found.state, found.version, found.package, found.url, found.drift) == ("NotDeployed", 0, "", "", "")


@pytest.mark.parametrize("state", [EndpointState.OUT_OF_SERVICE, EndpointState.FAILED])
def test_an_endpoint_that_died_keeps_its_state_and_says_why(state: EndpointState) -> None:
    world = done_world()
    dead = replace(world.deployed[1], state=state, detail="killed")
    found = places(replace(world, deployed=(world.deployed[0], dead)))["production"]
    assert (found.state, found.detail, found.drift) == (state.value, "killed", "v1 is released, and nothing answers")


def test_a_released_version_without_endpoint_is_drift() -> None:
    found = places(replace(done_world(), deployed=()))["staging"]
    assert (found.state, found.version, found.drift) == ("NotDeployed", 1, "v1 is released, and nothing answers")


def test_the_version_that_answers_is_told_where_git_names_another() -> None:
    world = done_world()
    other = replace(world.deployed[0], version=7, package="f" * 64)
    found = places(replace(world, deployed=(other, world.deployed[1])))["staging"]
    assert (found.version, found.package, found.released) == (7, "f" * 64, 1)
    assert found.drift.startswith("it answers with v7 (ffffffffffff), and v1 (")


def test_an_environment_that_is_held_says_what_it_would_serve_next() -> None:
    world = done_world()
    staging, _ = world.desired.release.environments
    held = Standing("production", 0, "e" * 64, Hold("Ann", "slow"))
    found = places(world.releasing(environments=(staging, held)))["production"]
    assert (found.held, found.wanted) == (Hold("Ann", "slow"), 1)


def test_the_last_test_run_of_the_released_package_counts() -> None:
    world = done_world().without(Tested)
    package = package_of(world.desired, "boosting")
    failed = checked(world.desired, "staging", package, verdict="failed")
    passed = checked(world.desired, "staging", package, number=2)
    other = checked(world.desired, "staging", "f" * 64, number=3, verdict="errored")
    found = places(world.recording(failed, other))["staging"]
    assert (found.tests, found.failed_checks) == ("failed", ("contract", "metric", "parity", "latency", "robustness"))
    assert places(world.recording(failed, passed, other))["staging"].tests == "passed"


def test_a_batch_model_is_released_and_answers_nowhere() -> None:
    batch = replace(a_model(), serving=Serving(script="src/serve/inference.py", kind=ServingKind.BATCH))
    found = places(replace(done_world(batch), deployed=()))["production"]
    assert (found.state, found.version, found.url, found.drift) == ("Batch", 1, "", "")
    assert places(new_world(batch))["production"].state == "NotDeployed"


def test_an_endpoint_that_no_manifest_names_is_listed_last() -> None:
    world = done_world().desiring(replace(a_model(), environments=(Environment("staging"),)))
    found = places(world)
    assert list(found) == ["staging", "production"]
    assert found["production"].drift == "it serves, and the manifest does not name it"


def test_endpoints_of_other_models_are_not_told() -> None:
    world = done_world()
    other = replace(world.deployed[0], model="other", environment="elsewhere")
    assert list(places(replace(world, deployed=(*world.deployed, other)))) == ["staging", "production"]
