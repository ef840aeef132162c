"""When a saved plan may still be performed: the world is as it was, or moved by the plan's own steps alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_ci.model import Champion, Hold, Release, Standing
from mlops_ci.plan.change import Basis
from mlops_ci.plan.desired import Reach
from mlops_ci.plan.passed import Passed
from mlops_ci.plan.saved import SavedPlan, saved_plan, stand
from mlops_ci.plan.staleness import Moved, Now, Turn, staleness
from tests.factories import BASIS, COMMIT, a_model, desire, trained
from tests.worlds import World, done_world, new_world, with_candidate

OWN = Passed("a" * 40, "Promote churn v1", ("pipelines/churn/release.yaml",))
FOREIGN = Passed("b" * 40, "Raise the cut", ("pipelines/churn/candidates/linear.yaml", "pipelines/churn/model.yaml"))
AFTER = Basis("a" * 40, "a" * 40, "main", "local")
OLD, NEW, OTHER = "1" * 64, "2" * 64, "3" * 64


def saved(world: World) -> SavedPlan:
    return saved_plan(world.plan(), (world.desired,))


def now(world: World, *turns: Turn, head: tuple[Passed, ...] | None = (), tip: tuple[Passed, ...] | None = ()) -> Now:
    return Now(world.plan(), (stand(world.desired),), head, tip, turns)


def later(world: World, *turns: Turn, head: tuple[Passed, ...] | None, tip: tuple[Passed, ...] | None) -> Now:
    """Return what is now, with another commit at the tip and checked out."""
    found = now(world, *turns, head=head, tip=tip)
    return replace(found, plan=replace(found.plan, basis=AFTER))


def codes(found: tuple[Moved, ...]) -> list[str]:
    return [moved.code for moved in found]


def release(champion: str = OLD, staging: str = OLD, production: str = OLD, **more: object) -> Release:
    versions = tuple((at, package) for at, package in enumerate((OLD, NEW), 1) if package in {OLD, champion})
    standings = tuple(
        Standing(name, 1 if package == OLD else 2, package)
        for name, package in (("production", production), ("staging", staging))
    )
    return replace(
        Release(Champion(1, "linear", champion, "f", "e", "accuracy", COMMIT), standings, versions),
        **more,  # type: ignore[arg-type]
    )


def after(before: Release, moved: Release) -> tuple[Moved, ...]:
    """Return what is stale where a release went from one to another by release commits, under a plan that does all."""
    turn = Turn("churn", before, moved)
    return staleness(saved(new_world()), later(new_world(), turn, head=(OWN,), tip=(OWN,)))


def test_a_world_that_did_not_move_is_what_the_plan_was_made_from() -> None:
    for world in (new_world(), done_world()):
        assert staleness(saved(world), now(world)) == ()


def test_what_the_plan_did_itself_does_not_make_it_stale() -> None:
    world = new_world()
    half = world.recording(*trained(world.desired, "linear"))
    assert half.plan() != world.plan()
    assert staleness(saved(world), now(half)) == ()
    assert staleness(saved(world), later(done_world(), head=(OWN,), tip=(OWN, OWN))) == ()
    # Killed between the push and what is checked out: the one moved, the other did not yet.
    lagging = later(done_world(), head=(), tip=(OWN,))
    assert (
        staleness(saved(world), replace(lagging, plan=replace(lagging.plan, basis=replace(AFTER, commit=COMMIT)))) == ()
    )


def test_another_commit_on_the_branch_is_named_with_what_it_changed() -> None:
    (moved,) = staleness(saved(new_world()), later(new_world(), head=(OWN, FOREIGN), tip=(OWN, FOREIGN)))
    assert moved == Moved(
        "tip",
        "`main` moved on: bbbbbbbbbb (`Raise the cut`) changes `pipelines/churn/candidates/linear.yaml` and 1 more",
    )


def test_a_commit_that_is_checked_out_alone_counts_too() -> None:
    world = later(new_world(), head=(FOREIGN,), tip=())
    world = replace(world, plan=replace(world.plan, basis=replace(AFTER, tip=BASIS.tip)))
    assert codes(staleness(saved(new_world()), world)) == ["head"]


@pytest.mark.parametrize(
    "passed",
    [
        Passed("b" * 40, "nothing", ()),
        Passed("b" * 40, "other", ("pipelines/other/release.yaml",)),
        Passed("b" * 40, "both", ("README.md", "pipelines/churn/release.yaml")),
    ],
)
def test_only_release_files_of_its_own_models_are_the_plans_doing(passed: Passed) -> None:
    assert codes(staleness(saved(new_world()), later(new_world(), head=(passed,), tip=(passed,)))) == ["tip"]


def test_a_commit_that_changed_nothing_of_the_project_is_no_part_of_its_world() -> None:
    passed = Passed("b" * 40, "elsewhere", (), elsewhere=True)
    assert staleness(saved(new_world()), later(new_world(), head=(passed,), tip=(passed,))) == ()


def test_a_release_commit_is_not_the_doing_of_a_plan_that_releases_nothing() -> None:
    assert codes(staleness(saved(done_world()), later(done_world(), head=(OWN,), tip=(OWN,)))) == ["tip"]


def test_a_rewritten_branch_is_told() -> None:
    (moved,) = staleness(saved(new_world()), later(new_world(), head=None, tip=None))
    assert moved.sentence == "`main` was at c0ffee0000, and is at aaaaaaaaaa, which is not after it"


def test_another_branch_or_target_is_another_world() -> None:
    world = now(new_world())
    other = replace(world, plan=replace(world.plan, basis=replace(BASIS, branch="trunk", target="mine")))
    assert codes(staleness(saved(new_world()), other)) == ["target", "branch"]


@pytest.mark.parametrize(
    ("world", "said"),
    [
        (new_world(replace(a_model(), owner="bob")), "`model.yaml` is not as it was"),
        (new_world(with_candidate(a_model(), "linear", seed=1)), "candidate `linear` is not as it was"),
        (new_world(replace(a_model(), candidates=a_model().candidates[:1])), "candidate `linear` is gone"),
    ],
)
def test_an_edited_manifest_is_told_by_what_was_edited(world: World, said: str) -> None:
    found = staleness(saved(new_world()), now(world))
    assert set(codes(found)) == {"inputs"}
    assert found[0].sentence == f"churn: {said}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("data/train", "its data `train`"), ("code/linear", "the training code of `linear`"),
        ("software/linear", "the software of `linear`"), ("serving", "its serving code"), ("tests", "its test files"),
        ("metrics", "its metric code"), ("processing", "its processing"),
        ("training/linear", "the training of `linear`"),
    ],
)  # fmt: skip
def test_each_part_that_moved_is_named(name: str, said: str) -> None:
    world = now(new_world())
    parts = tuple(sorted((dict(world.stands[0].parts) | {name: "another"}).items()))
    verb = "is new" if name == "data/train" else "is not as it was"
    found = staleness(saved(new_world()), replace(world, stands=(replace(world.stands[0], parts=parts),)))
    assert [moved.sentence for moved in found] == [f"churn: {said} {verb}"]


def test_a_model_that_is_gone_or_may_not_go_as_far_is_told() -> None:
    world = now(new_world())
    assert codes(staleness(saved(new_world()), replace(world, stands=()))) == ["model"]
    ahead = replace(new_world(), desired=desire(a_model(), reach=Reach.AFTER_MERGE))
    (moved,) = staleness(saved(new_world()), now(ahead))
    assert moved == Moved("reach", "churn: what is here is not on `main` now")


def test_releases_that_moved_as_the_plan_moves_them_are_its_own() -> None:
    assert after(Release(), release()) == ()
    assert after(release(), release(champion=NEW)) == ()
    assert after(release(), release(NEW, NEW)) == ()
    assert after(release(), release(NEW, NEW, NEW)) == ()


def test_releases_that_moved_otherwise_are_somebody_elses() -> None:
    def told(moved: Release, before: Release | None = None) -> list[str]:
        return [m.sentence for m in after(before or release(NEW, NEW, NEW), moved)]

    held = Standing("production", 1, OLD, Hold("Ann", "slow"))
    back = release(NEW, NEW, NEW, environments=(held, Standing("staging", 2, NEW)), rolled_back=(NEW,))
    assert told(back) == ["churn: a version was rolled back, or released again", "churn: `production` was held at v1"]
    assert told(release(NEW, NEW, NEW), back)[1] == "churn: `production` was moved to v2"
    gone = release(NEW, NEW, NEW, environments=(Standing("staging", 2, NEW),))
    assert told(gone) == ["churn: `production` was destroyed"]
    assert told(release(NEW, NEW, OTHER)) == ["churn: `production` was moved to v2"]
    twice = replace(release(NEW), versions=((1, OLD), (2, NEW), (3, OTHER)))
    assert told(twice, release()) == ["churn: another champion was released"]
    assert told(Release()) == [
        "churn: another champion was released", "churn: `production` was destroyed", "churn: `staging` was destroyed",
    ]  # fmt: skip


def test_a_champion_is_not_the_doing_of_a_plan_that_promotes_nobody() -> None:
    world = done_world()
    world = replace(world, deployed=world.deployed[:1])  # production is down: the plan deploys, and promotes nobody
    turn = Turn("churn", release(), release(NEW))
    found = staleness(saved(world), later(world, turn, head=(OWN,), tip=(OWN,)))
    assert codes(found) == ["release"]


def test_an_endpoint_that_ended_makes_more_to_do_and_says_which() -> None:
    world = done_world()
    ended = replace(world, deployed=world.deployed[:1])
    (moved,) = staleness(saved(world), now(ended))
    assert moved == Moved(
        "steps", "churn: there is more to do now: deploy v1 to `production` again: there is no endpoint"
    )


def test_an_endpoint_that_ended_is_no_matter_where_the_plan_brings_it_back_anyway() -> None:
    ended = replace(done_world(), deployed=done_world().deployed[:1])
    assert staleness(saved(ended), now(replace(ended, deployed=()))) != ()
    assert staleness(saved(replace(ended, deployed=())), now(ended)) == ()


def test_records_that_are_gone_make_more_to_do() -> None:
    world = new_world()
    half = world.recording(*trained(world.desired, "linear"))
    (moved,) = staleness(saved(half), now(world))
    assert moved == Moved("steps", "churn: there is more to do now: train `linear` for the first time")
