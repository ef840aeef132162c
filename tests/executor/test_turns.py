"""One command at a time works on a model: the others wait for it, say for whom, and do nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.commands import select
from mlops_ci.commands.work import Result, work
from mlops_ci.errors import ManifestError
from mlops_ci.executor.events import Blocked, Replanned, Unlocked
from mlops_ci.executor.schedule import OnFailure
from mlops_ci.executor.turns import Patience
from mlops_ci.plan.steps import Scheduled
from tests.executor.small import Small, project_files, small

LONG = 10_000


def run(world: Small, seconds: float) -> Result:
    situation = world.assess()
    world.told = []
    return work(
        world.world, situation, select.part(situation, "run"), width=1, on_failure=OnFailure.BEGIN_NO_OTHER,
        patience=world.patience(seconds), emit=world.told.append, cancel=lambda: world.cancelled.append(True),
    )  # fmt: skip


def waits(world: Small) -> list[Blocked]:
    return [event for event in world.told if isinstance(event, Blocked)]


def test_each_model_is_taken_once_and_let_go(tmp_path: Path) -> None:
    world = small(tmp_path, {**project_files("alpha"), **project_files("beta")})
    assert world.run().exit_code == 0
    assert world.locks.taken == ["alpha", "beta"]
    assert world.locks.held == []


def test_a_model_that_another_works_on_is_waited_for_and_said_so_once(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.locks.others["tiny"] = 5
    result = run(world, 60.0)
    assert result.exit_code == 0
    assert [(w.model, w.holder) for w in waits(world)] == [("tiny", "`mlops-ci run` (pid 4711, since 10:31:02 UTC)")]
    assert world.steps() == []


def test_a_long_wait_is_told_every_half_minute(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.locks.others["tiny"] = 400  # looks, 0.2 s apart
    run(world, 600.0)
    assert [round(w.seconds) for w in waits(world)] == [0, 30, 60]


def test_what_the_other_did_meanwhile_is_not_done_twice(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.locks.others["tiny"] = 3
    other = small(tmp_path)
    other.repository, other.records, other.trainer = world.repository, world.records, world.trainer
    other.artifacts, other.transformer, other.endpoints = world.artifacts, world.transformer, world.endpoints
    world.locks.on_free = lambda _: other.run()
    result = run(world, 60.0)
    assert result == Result((), 0)
    assert [event for event in world.told if isinstance(event, Replanned)] == [Replanned("tiny", 0)]
    assert len(world.trainer.begun) == 2


def test_what_was_done_between_the_plan_and_our_turn_is_not_done_twice(tmp_path: Path) -> None:
    world = small(tmp_path)
    situation = world.assess()
    world.run()
    begun = len(world.trainer.begun)
    world.locks.used.add("tiny")
    result = world.perform(situation, select.part(situation, "run"))
    assert result.ended == ()
    assert len(world.trainer.begun) == begun


def test_a_plan_that_is_the_same_when_made_anew_is_not_spoken_of(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.locks.used.add("tiny")
    assert world.run().exit_code == 0
    assert not [event for event in world.told if isinstance(event, Replanned)]


@pytest.mark.parametrize(("seconds", "said"), [(0.0, "works on `tiny`"), (2.0, "still works on `tiny` after 2 s")])
def test_who_waits_no_longer_is_told_to_try_again(tmp_path: Path, seconds: float, said: str) -> None:
    world = small(tmp_path)
    world.locks.others["tiny"] = LONG
    result = run(world, seconds)
    assert result.exit_code == 75
    first, *rest = result.ended
    assert first.sentence == f"`mlops-ci run` (pid 4711, since 10:31:02 UTC) {said}"
    assert "--lock-timeout" in first.hint
    assert {end.sentence for end in rest} == {f"not begun, because `{first.step.id}` did not end well"}
    assert len(waits(world)) == (1 if seconds else 0)
    assert world.trainer.begun == []


def test_other_models_go_on_while_one_is_waited_for_and_when_it_is_given_up(tmp_path: Path) -> None:
    world = small(tmp_path, {**project_files("alpha"), **project_files("beta")})
    world.locks.others["alpha"] = LONG
    result = run(world, 2.0)
    assert result.exit_code == 75
    assert {end.step.model for end in result.ended if end.outcome.value == "done"} == {"beta"}
    assert world.locks.held == []


def test_where_nothing_can_be_locked_the_work_goes_on_and_it_is_said_once(tmp_path: Path) -> None:
    world = small(tmp_path, {**project_files("alpha"), **project_files("beta")})
    world.locks.reason = "no locks available"
    assert world.run().exit_code == 0
    assert [event for event in world.told if isinstance(event, Unlocked)] == [Unlocked("no locks available")]


def test_an_interrupt_ends_the_wait(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.locks.others["tiny"] = LONG
    situation = world.assess()
    result = work(
        world.world, situation, select.part(situation, "run"), width=1, on_failure=OnFailure.BEGIN_NO_OTHER,
        patience=world.patience(600.0), emit=lambda _: world.cancelled.append(True), cancel=lambda: None,
    )  # fmt: skip
    assert result.exit_code == 130


def test_a_model_that_cannot_be_planned_anew_is_told_and_not_begun(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.locks.used.add("tiny")
    situation = world.assess()

    def broken(_: str) -> tuple[object, tuple[Scheduled, ...]]:
        raise ManifestError(())

    result = work(
        world.world, situation, select.part(situation, "run"), width=1, on_failure=OnFailure.BEGIN_NO_OTHER,
        patience=Patience(60.0, "", broken), emit=lambda _: None, cancel=lambda: None,  # type: ignore[arg-type]
    )  # fmt: skip
    assert result.exit_code == 65
    assert world.trainer.begun == []
