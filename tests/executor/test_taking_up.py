"""A saved plan is taken up: after any of its steps it goes on, and when anything else moved nothing is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_ci.commands import select
from mlops_ci.errors import ManifestError, StalePlan
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.held import approve, destroy, release_hold, roll_back
from mlops_ci.executor.saved import take_up
from mlops_ci.plan.saved import SavedPlan, saved_plan
from mlops_ci.plan.saved_json import dump
from mlops_ci.plan.saved_reading import parse
from mlops_ci.ports.jobs import Failed, FailureCause
from tests.executor.small import Small, candidate, small
from tests.executor.small_ports import AT

STEPS = ("train/bad", "train/good", "evaluate/bad", "evaluate/good", "promote", "deploy/staging", "test/staging",
         "gate/production", "deploy/production")  # fmt: skip


def plan(world: Small) -> SavedPlan:
    """Return the plan of now, written and read again."""
    situation = world.assess()
    content = dump(saved_plan(situation.plan, situation.desired))
    return parse(content, path="plan.json", schema=world.world.schemas["plan"])


def go_on(world: Small, saved: SavedPlan, count: int | None = None) -> list[str]:
    """Take a plan up, perform the first `count` of the steps that are left, and return their names."""
    situation: Situation = take_up(world.world, saved, "plan.json")
    steps = select.part(situation, "run")[:count]
    world.perform(situation, steps)
    return [scheduled.step.id.partition("/")[2] for scheduled in steps]


def in_bits(world: Small, saved: SavedPlan) -> list[str]:
    """Perform a plan, ending after each step; a gate alone changes nothing, so the step behind it comes with it."""
    done: list[str] = []
    for _ in range(20):
        took = go_on(world, saved, 2 if done[-1:] == ["test/staging"] else 1)
        done += took
        if not took:
            return done
    raise AssertionError(done)


def stale(world: Small, saved: SavedPlan) -> StalePlan:
    """Return the refusal of a plan, which did nothing."""
    before = (dict(world.records.kept), world.repository.main, list(world.trainer.begun), list(world.endpoints.applied))
    with pytest.raises(StalePlan) as refused:
        take_up(world.world, saved, "plan.json")
    assert before == (world.records.kept, world.repository.main, world.trainer.begun, world.endpoints.applied)
    assert refused.value.exit_code == 75
    assert refused.value.hint == "mlops-ci plan -o plan.json"
    return refused.value


def replanned(world: Small) -> SavedPlan:
    """Return a plan that trains, promotes and deploys another version than the one that serves."""
    assert world.run().exit_code == 0
    world.push("candidates/good.yaml", candidate(5))
    return plan(world)


def test_a_plan_that_ends_after_each_of_its_steps_goes_on_and_does_nothing_twice(tmp_path: Path) -> None:
    world = small(tmp_path)
    saved = plan(world)
    assert tuple(in_bits(world, saved)) == STEPS
    assert len(world.trainer.begun) == len(set(world.trainer.begun)) == 2
    assert world.endpoints.applied == [("staging", 1), ("production", 1)]
    assert world.assess().plan.is_empty


def test_so_does_one_over_a_version_that_serves(tmp_path: Path) -> None:
    world = small(tmp_path)
    saved = replanned(world)
    in_bits(world, saved)
    assert len(world.trainer.begun) == len(set(world.trainer.begun)) == 3
    assert world.endpoints.applied[2:] == [("staging", 2), ("production", 2)]
    assert world.assess().plan.is_empty


def test_a_plan_that_was_performed_has_nothing_left_to_do(tmp_path: Path) -> None:
    world = small(tmp_path)
    saved = plan(world)
    assert len(go_on(world, saved)) == len(STEPS)
    assert go_on(world, saved) == []


def test_a_plan_that_another_run_performed_meanwhile_has_nothing_left_to_do(tmp_path: Path) -> None:
    world = small(tmp_path)
    saved = plan(world)
    assert world.run().exit_code == 0
    assert go_on(world, saved) == []


def test_a_deployment_that_was_cut_between_its_commit_and_its_endpoint_goes_on(tmp_path: Path) -> None:
    world = small(tmp_path)
    saved = plan(world)
    go_on(world, saved, 6)
    world.endpoints.serving.clear()
    for name in [name for name in world.records.kept if "/deployments/" in name or "/promotions/" in name]:
        del world.records.kept[name]
    assert go_on(world, saved) == ["deploy/staging", "test/staging", "gate/production", "deploy/production"]
    assert world.assess().plan.is_empty


def test_a_training_that_failed_is_tried_again_by_the_same_plan(tmp_path: Path) -> None:
    world = small(tmp_path)
    saved = plan(world)
    world.trainer.fates["good"] = [Failed(FailureCause.EXIT, "no", AT, AT, 1.0)]
    assert len(go_on(world, saved)) == len(STEPS)
    assert go_on(world, saved)[0] == "train/good"
    assert world.assess().plan.is_empty


def test_what_is_on_a_branch_stops_after_evaluation_and_goes_on_too(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.write("candidates/good.yaml", candidate(5))
    saved = plan(world)
    assert go_on(world, saved, 1) == ["train/bad"]
    assert go_on(world, saved) == ["train/good", "evaluate/bad", "evaluate/good"]
    assert go_on(world, saved) == []


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (lambda w: w.write("candidates/good.yaml", candidate(5)), "candidate `good` is not as it was"),
        (lambda w: w.write("model.yaml", w.repository.files["pipelines/tiny/model.yaml"] + b"# x\n"),
         "what is here is not on `main` now"),
        (lambda w: w.write("src/train/fit.py", b"fit better"), "the training code of `bad` is not as it was"),
        (lambda w: w.write("src/serve/inference.py", b"serve better"), "its serving code is not as it was"),
        (lambda w: w.write("data/tiny.csv", b"x,large\n7,yes\n"), "its data `data` is not as it was"),
        (lambda w: w.push("candidates/good.yaml", candidate(5)), "`main` moved on"),
        (lambda w: w.repository.commit_on_main({"README.md": b"x"}), "changes `README.md`"),
        (lambda w: w.repository.commit_on_main({"mlops-ci.yaml": b"format: 1\n"}), "changes `mlops-ci.yaml`"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("count", [0, 2, 6])
def test_what_somebody_changed_before_or_halfway_is_told_and_nothing_is_done(
    tmp_path: Path, move: Callable[[Small], object], said: str, count: int
) -> None:
    world = small(tmp_path)
    saved = plan(world)
    go_on(world, saved, count)
    move(world)
    refusal = stale(world, saved)
    assert said in f"{refusal.summary}\n{refusal.detail}"


def test_a_model_that_is_gone_makes_it_stale_and_one_that_is_not_valid_is_told_as_such(tmp_path: Path) -> None:
    world = small(tmp_path)
    saved = plan(world)
    whole = dict(world.repository.files)
    world.write("model.yaml", b"format: 1\n")
    with pytest.raises(ManifestError):
        take_up(world.world, saved, "plan.json")
    world.repository.files = {path: content for path, content in whole.items() if "/tiny/" not in path}
    assert "there is no model `tiny`" in stale(world, saved).summary


def test_a_branch_that_was_rewritten_makes_it_stale(tmp_path: Path) -> None:
    world = small(tmp_path)
    saved = plan(world)
    world.commits.gone.add(world.repository.main)
    world.repository.push()
    assert "which is not after it" in stale(world, saved).summary


def test_an_endpoint_that_died_makes_a_plan_stale_that_has_no_step_for_it(tmp_path: Path) -> None:
    world = small(tmp_path)
    assert world.run().exit_code == 0
    saved = plan(world)
    world.endpoints.kill("staging")
    assert "there is more to do now: deploy v1 to `staging` again" in stale(world, saved).summary


def test_an_endpoint_that_died_makes_a_plan_stale_that_would_only_deploy_there_after_training(tmp_path: Path) -> None:
    world = small(tmp_path)
    saved = replanned(world)
    world.endpoints.kill("production")  # it comes back first, whatever becomes of the training: a step of its own
    assert "deploy v1 to `production` again" in stale(world, saved).summary


def test_an_endpoint_that_the_plan_deploys_to_now_may_die_before(tmp_path: Path) -> None:
    world = small(tmp_path)
    saved = replanned(world)
    go_on(world, saved, 3)
    assert go_on(world, saved, 0) == []
    world.endpoints.kill("staging")
    assert go_on(world, saved)[0] == "deploy/staging"
    assert world.assess().plan.is_empty


def test_a_decision_of_a_person_makes_it_stale(tmp_path: Path) -> None:
    for decide, said in (
        (lambda w, d, e: roll_back(w.world, d, e, w.ledger, lambda _: None, to=1, why="slow"), "held at v1"),
        (lambda w, d, e: destroy(w.world, "tiny", d.model.folder, "production"), "destroyed"),
    ):
        world = small(tmp_path)
        saved = replanned(world)
        desired = world.assess().model("tiny")
        decide(world, desired, desired.model.environments[-1])
        refusal = stale(world, saved)
        assert said in f"{refusal.summary}\n{refusal.detail}"


def test_a_hold_that_ended_makes_it_stale(tmp_path: Path) -> None:
    world = small(tmp_path)
    assert world.run().exit_code == 0
    desired = world.assess().model("tiny")
    place = desired.model.environments[-1]
    roll_back(world.world, desired, place, world.ledger, lambda _: None, to=1, why="slow")
    world.push("candidates/good.yaml", candidate(5))
    saved = plan(world)
    release_hold(world.world, world.assess().model("tiny"), place)
    assert "`production` was moved to v1" in stale(world, saved).summary


def test_an_approval_makes_more_to_do_and_is_waited_for_by_a_plan_that_has_the_steps(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.rewrite("promotes_from: staging", "promotes_from: staging, approval: true")
    whole = plan(world)
    go_on(world, whole)
    waiting = plan(world)
    assert waiting.plan.steps == ()
    desired = world.assess().model("tiny")
    approve(world.world, desired, desired.model.environments[-1], why="fine")
    assert "more to do now: deploy v1 to `production`" in stale(world, waiting).summary
    assert go_on(world, whole) == ["gate/production", "deploy/production"]
