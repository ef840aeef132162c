"""From a version back, and from a commit forward."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.model import Release, Standing
from mlops_ci.records.facts import Evaluated, Intent, Packaged
from mlops_ci.records.ledger import Ledger
from mlops_ci.records.lineage import trace, uses, version_named
from tests.factories import COMMIT, finished, intent, package_of
from tests.worlds import World, done_world

RELEASE = Release(environments=(Standing("staging", 2, "b"), Standing("v1", 2, "b")), versions=((1, "a"), (2, "b")))


def test_a_version_leads_back_to_its_code_its_data_and_the_job_that_made_it() -> None:
    world = done_world()
    found = trace("churn", 1, world.desired.release, world.ledger)
    assert found is not None
    assert found.candidate == "boosting"
    assert found.serves_in == ("staging", "production")
    assert found.training is not None
    assert found.training.intent == intent(world.desired, "boosting")
    assert found.origin.code == world_code()
    assert found.origin.data == (("data", "3" * 40),)
    assert found.origin.hyperparameters == (("learning_rate", "0.1"), ("max_iter", "150"))
    assert found.serving == (("inference.py", "2" * 40),)
    assert found.image == {"python": "3.11"}
    assert [e.candidate for e in found.evaluations] == ["boosting"]
    assert [g.environment for g in found.gates] == ["production"]
    assert [t.environment for t in found.tests] == ["production", "staging"]
    assert [s.environment for s in found.served] == ["staging", "production"]
    assert [p.version for p in found.promotions] == [1]
    assert [c.outcome for c in found.contests] == ["promote"]


def world_code() -> tuple[tuple[str, str], ...]:
    return (("linear.py", "1" * 40),)


def test_a_version_that_never_was_has_no_trace() -> None:
    world = done_world()
    assert trace("churn", 2, world.desired.release, world.ledger) is None


def test_a_version_of_which_nothing_is_on_record_is_still_named() -> None:
    found = trace("churn", 1, done_world().desired.release, Ledger())
    assert found is not None
    assert found.training is None
    assert found.packaged is None
    assert found.origin.code == ()
    assert found.image is None


def test_the_attempt_that_made_the_package_is_told_apart_from_earlier_failures() -> None:
    world = done_world()
    first = intent(world.desired, "boosting")
    failed = finished(first, outcome="failed", detail="exit code 1")
    second = replace(first, attempt=2)
    facts = (failed, *(f for f in world.facts if f.name != failed.name), second, finished(second))
    found = trace("churn", 1, world.desired.release, replace(world, facts=facts).ledger)
    assert found is not None
    assert found.training is not None
    assert (found.training.intent.attempt, found.attempts) == (2, 2)


def test_an_evaluation_says_which_training_it_was_where_the_package_is_not_on_record() -> None:
    world = done_world().without(Packaged)
    found = trace("churn", 1, world.desired.release, world.ledger)
    assert found is not None
    assert found.training is not None


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v1", 2),
        ("1", 1),
        ("v2", 2),
        ("staging", 2),
        ("v3", None),
        ("", None),
        ("x", None),
        ("v²", None),
        ("v-1", None),
    ],
)
def test_a_version_is_named_by_its_number_or_by_an_environment_which_comes_first(
    text: str, version: int | None
) -> None:
    assert version_named(RELEASE, text) == version


def test_no_name_means_the_champion() -> None:
    assert version_named(done_world().desired.release, "") == 1


def asked(world: World, commit: str = COMMIT[:7]) -> list[str]:
    found = uses(commit, (("churn", world.desired.release),), world.ledger)
    return [
        *(f"job {a.intent.candidate}" for a in found.attempts),
        *(f"accuracy {e.candidate}" for e in found.evaluations),
        *(f"version {p.version}" for p in found.promotions),
        *(f"served {s.environment}" for s in found.served),
        *(f"serves {environment}" for _, environment, _ in found.serves_in),
    ]


def test_a_commit_leads_forward_to_what_serves() -> None:
    assert asked(done_world()) == [
        "job boosting", "job linear", "accuracy boosting", "accuracy linear", "version 1",
        "served staging", "served production", "serves staging", "serves production",
    ]  # fmt: skip


def test_a_release_commit_leads_to_what_it_promoted_or_served() -> None:
    assert asked(done_world(), "ddddddd") == ["version 1"]
    assert asked(done_world(), "eeeeeee") == ["served staging", "served production"]


def test_a_job_on_a_dirty_tree_is_found_by_the_commit_below_it() -> None:
    world = done_world()
    facts = tuple(replace(f, commit=f.commit + "+") if isinstance(f, Intent) else f for f in world.facts)
    found = uses(COMMIT[:7].upper(), (), replace(world, facts=facts).ledger)
    assert len(found.attempts) == 2
    assert found.commits == (COMMIT,)


def test_a_prefix_of_two_commits_names_both() -> None:
    world = done_world()
    other = COMMIT[:8] + "f" * 32
    facts = tuple(replace(f, commit=other) if isinstance(f, Evaluated) else f for f in world.facts)
    assert uses(COMMIT[:7], (), replace(world, facts=facts).ledger).commits == (COMMIT, other)


def test_a_commit_that_no_record_names_leads_nowhere() -> None:
    world = done_world()
    assert asked(world, "fffffff") == []
    assert asked(world, "") == []
    assert uses("fffffff", (), world.ledger).commits == ()


def test_the_champion_leads_back_to_the_commit_that_leads_forward_to_it() -> None:
    world = done_world()
    back = trace("churn", 1, world.desired.release, world.ledger)
    assert back is not None
    assert back.training is not None
    forward = uses(back.training.intent.commit, (("churn", world.desired.release),), world.ledger)
    assert back.package == package_of(world.desired, "boosting")
    assert {p.package for p in forward.promotions} == {back.package}
