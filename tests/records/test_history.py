"""What happened to a model."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.model import Hold, Release, Standing
from mlops_ci.records.facts import Approved, Served, Tested
from mlops_ci.records.history import Kind, history, worst
from mlops_ci.records.ledger import Ledger, fold
from tests.factories import checked, clock, package_of
from tests.worlds import done_world


def test_what_happened_is_told_in_the_order_in_which_it_happened() -> None:
    world = done_world()
    found = history("churn", world.desired.release, world.ledger).happenings
    assert [(h.kind, h.place) for h in found] == [
        (Kind.CONTEST, ""),
        (Kind.PROMOTION, ""),
        (Kind.TEST, "production"),
        (Kind.TEST, "staging"),
        (Kind.DEPLOYMENT, "staging"),
        (Kind.GATE, "production"),
        (Kind.DEPLOYMENT, "production"),
    ]
    assert all(h.version == 1 for h in found)


def test_a_lower_version_than_before_is_a_rollback_in_that_environment_alone() -> None:
    moves = (("production", 2), ("staging", 1), ("production", 1), ("production", 2))
    served = [
        Served("churn", place, version, "p", f"{at}" * 40, "why", clock(at))
        for at, (place, version) in enumerate(moves)
    ]
    found = history("churn", Release(), fold(served)).happenings
    assert [h.kind for h in found] == [Kind.DEPLOYMENT, Kind.DEPLOYMENT, Kind.ROLLBACK, Kind.DEPLOYMENT]


def test_a_failed_check_is_told_with_its_evidence() -> None:
    world = done_world().without(Tested)
    run = checked(world.desired, "staging", package_of(world.desired, "boosting"), verdict="failed")
    (found,) = history("churn", world.desired.release, fold([run])).happenings
    assert found.verdict == "failed"
    assert "`metric` failed: all is failed" in found.sentence


def test_an_approval_names_the_version_of_its_package() -> None:
    world = done_world()
    approved = Approved("churn", "production", package_of(world.desired, "boosting"), "Ann", "it is fine", clock(0))
    (found,) = history("churn", world.desired.release, fold([approved])).happenings
    assert (found.version, found.sentence) == (1, "approved by Ann: it is fine")


def test_what_happened_to_other_models_is_not_told() -> None:
    world = done_world()
    assert history("other", world.desired.release, world.ledger).happenings == ()


def test_environments_that_are_held_are_named() -> None:
    held = Standing("production", 1, "p", Hold("Ann", "slow"))
    assert history("churn", Release(environments=(Standing("staging", 2, "q"), held)), Ledger()).held == (held,)


def test_the_last_happenings_are_kept_and_none_of_them_for_zero() -> None:
    world = done_world()
    found = history("churn", world.desired.release, world.ledger)
    assert found.last(2).happenings == found.happenings[-2:]
    assert found.last(0).happenings == ()
    assert found.last(1000) == found


def test_the_worst_verdict_counts_and_a_run_without_checks_proves_nothing() -> None:
    run = checked(done_world().desired, "staging", "p")
    errored = replace(run.results[1], verdict="errored")
    assert worst(run) == "passed"
    assert worst(replace(run, results=(run.results[0], errored))) == "errored"
    assert worst(replace(run, results=())) == "inconclusive"
    assert worst(None) == ""
