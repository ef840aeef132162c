"""Attempts: adopted, lost, stopped and cancelled jobs; none started twice, and none waited for that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.commands import select
from mlops_ci.commands.wanted import wanted
from mlops_ci.errors import Interrupted, ProviderError
from mlops_ci.executor.attempts import Work, perform_job
from mlops_ci.executor.perform import perform
from mlops_ci.executor.reading import record
from mlops_ci.plan.steps import Process, Train
from mlops_ci.ports.jobs import Failed, FailureCause, Running
from mlops_ci.records.facts import Finished, Intent
from mlops_ci.records.ledger import Attempt
from tests.executor.small import Small, small
from tests.executor.small_ports import AT

LOST = Failed(FailureCause.LOST, "its runner is gone", AT, AT, 1.0)
FAILED = Failed(FailureCause.EXIT, "exit code 1", AT, AT, 1.0)


def tries(world: Small, name: str = "good") -> tuple[Attempt, ...]:
    wanted = next(c for c in world.assess().desired[0].candidates if c.name == name)
    return world.ledger.tries("training", wanted.fingerprint)


def intended(world: Small, name: str = "good") -> Intent:
    """Return the intent of a training that somebody began and did not live to see the end of."""
    wanted = next(c for c in world.assess().desired[0].candidates if c.name == name)
    fact = Intent("tiny", "training", name, wanted.fingerprint, 1, "c" * 40, wanted.recipe, AT)
    record(world.world, fact)
    return fact


def train(world: Small, *candidates: str) -> int:
    situation = world.assess()
    return world.perform(situation, select.trainings(situation, wanted(candidates))).exit_code


def test_an_attempt_that_is_open_is_adopted_under_its_own_key(tmp_path: Path) -> None:
    world = small(tmp_path)
    open_one = intended(world)
    assert train(world, "good") == 0
    assert world.trainer.begun == [open_one.key]
    assert [a.finished.outcome for a in tries(world) if a.finished] == ["succeeded"]


def test_a_lost_attempt_that_was_adopted_is_followed_by_another_at_once(tmp_path: Path) -> None:
    world = small(tmp_path)
    intended(world)
    world.trainer.fates["good"] = [LOST]
    assert train(world, "good") == 0
    assert [a.finished.outcome for a in tries(world) if a.finished] == ["failed", "succeeded"]


def test_an_attempt_lost_under_our_own_eyes_is_a_failure(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.trainer.fates["good"] = [LOST]
    assert train(world, "good") == 69
    assert len(world.trainer.begun) == 1


def test_a_failed_attempt_is_followed_by_another_only_when_asked_again(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.trainer.fates["good"] = [FAILED]
    assert train(world, "good") == 1
    assert train(world, "good") == 0
    assert [a.intent.attempt for a in tries(world)] == [1, 2]


def test_when_everything_is_to_end_the_job_is_stopped_once_and_that_is_recorded(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.trainer.fates["good"] = [Running()]
    world.clock.on_sleep = lambda: world.cancelled.append(True)
    assert train(world, "good") == 130
    assert world.trainer.stopped == world.trainer.begun
    assert [a.finished.outcome for a in tries(world) if a.finished] == ["stopped"]
    world.cancelled.clear()
    world.clock.on_sleep = lambda: None
    world.trainer.fates.clear()
    assert train(world, "good") == 0
    assert [a.intent.attempt for a in tries(world)] == [1, 2]


def test_a_job_that_ended_while_everything_was_to_end_is_recorded_and_counts(tmp_path: Path) -> None:
    world = small(tmp_path)
    desired = world.assess().desired[0]
    world.cancelled.append(True)
    about = Work("tiny", "training", "good", desired.candidates[1].fingerprint, "{}", "c")
    with pytest.raises(Interrupted):
        perform_job(world.world, world.trainer, _Job(), about, world.ledger, lambda _: None)
    assert [a.finished.outcome for a in tries(world) if a.finished] == ["succeeded"]


class _Job:
    candidate = "good"
    hyperparameters = (("cut", "4"),)


def test_what_another_command_trained_meanwhile_is_not_trained_again(tmp_path: Path) -> None:
    world = small(tmp_path)
    situation = world.assess()  # our plan says: train
    assert train(world) == 0  # another command was faster
    ended = perform(world.world, situation, Train("tiny", "good"), lambda _: None)
    assert ended.exit_code == 0
    assert len(world.trainer.begun) == 2
    assert len(tries(world)) == 1


def test_replacing_opens_another_attempt_although_one_succeeded(tmp_path: Path) -> None:
    world = small(tmp_path)
    world.run()
    situation = world.assess()
    assert world.perform(situation, select.replacing(situation, wanted(("good",)))).exit_code == 0
    assert len(tries(world)) == 2
    assert world.steps() == []  # the same bytes: the same package


def test_a_job_that_somebody_else_began_and_stopped_is_begun_again(tmp_path: Path) -> None:
    world = small(tmp_path)
    situation = world.assess()

    def faster(key: str) -> None:  # between our look at the ledger and our submission
        world.trainer.on_submit = lambda _: None
        world.trainer.jobs[key] = _Job()
        world.trainer.stopped.append(key)

    wanted = next(c for c in situation.desired[0].candidates if c.name == "good")
    ledger = world.ledger
    intended(world)
    world.trainer.on_submit = faster
    about = Work("tiny", "training", "good", wanted.fingerprint, wanted.recipe, "c")
    ended = perform_job(world.world, world.trainer, _Job(), about, ledger, lambda _: None)
    assert (ended.outcome, ended.attempt) == ("succeeded", 2)


def test_a_job_whose_folder_somebody_removed_is_lost_and_not_waited_for(tmp_path: Path) -> None:
    world = small(tmp_path)
    waits: list[int] = []

    def sleep() -> None:
        waits.append(1)
        if len(waits) == 3:
            world.trainer.jobs.clear()
        assert len(waits) < 1000, "waits for ever"

    world.clock.on_sleep = sleep
    world.trainer.fates["good"] = [Running(), Running(), Running(), Running(), None]
    assert train(world, "good") == 69
    (only,) = tries(world)
    assert only.finished is not None
    assert "disappeared" in only.finished.detail
    world.trainer.fates.clear()
    world.clock.on_sleep = lambda: None
    assert train(world, "good") == 0


@pytest.mark.parametrize("which", ["intent", "finished"])
def test_a_damaged_record_of_an_attempt_is_named_with_what_to_do(tmp_path: Path, which: str) -> None:
    world = small(tmp_path)
    train(world, "good")
    (attempt,) = tries(world)
    name = {"intent": attempt.intent.name, "finished": attempt.finished and attempt.finished.name}[which]
    assert name
    world.records.kept[name] = b"{damaged"
    situation = world.assess()
    ended = perform(world.world, situation, Train("tiny", "good"), lambda _: None)
    assert ended.exit_code == 69
    assert name in ended.sentence
    assert "move it away" in ended.hint
    del world.records.kept[name]
    assert train(world, "good") == 0
    assert len(world.trainer.begun) == 1  # the job itself was there all the time


def test_a_fact_recorded_twice_is_recorded_once(tmp_path: Path) -> None:
    world = small(tmp_path)
    fact = Finished("tiny", "training", "f" * 64, 1, "succeeded", "", 1.0, AT, AT)
    assert record(world.world, fact)
    assert not record(world.world, fact)


def test_processing_that_the_manifest_does_not_have_is_a_bug(tmp_path: Path) -> None:
    world = small(tmp_path)
    with pytest.raises(AssertionError):
        perform(world.world, world.assess(), Process("tiny"), lambda _: None)


def test_the_same_error_of_the_world_is_an_end_of_the_step_with_its_hint(tmp_path: Path) -> None:
    world = small(tmp_path)

    def refuse(_key: str) -> None:
        raise ProviderError("the disk is full", hint="make room")

    world.trainer.on_submit = refuse
    ended = perform(world.world, world.assess(), Train("tiny", "good"), lambda _: None)
    assert (ended.exit_code, ended.sentence, ended.hint) == (69, "the disk is full", "make room")
