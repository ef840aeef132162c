"""Searches that the provider makes: its trials are recorded as ours are, once, whatever happens in between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.commands import select
from mlops_ci.commands.logs import job_log
from mlops_ci.commands.wanted import wanted
from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Outputs, Stopped
from mlops_ci.records.facts import Tried
from tests.executor.searching import FAILED, begun, end, told, trials
from tests.executor.small import Small
from tests.executor.small_tuner import TUNED, at, tuned
from tests.executor.test_search_killed import DyingRecords, Killed, train


def of_attempt(world: Small, attempt: int) -> tuple[Tried, ...]:
    return next(found for (_, number), found in world.ledger.trials.items() if number == attempt)


def test_one_job_makes_the_search_and_the_model_of_the_best_trial_is_the_candidates(tmp_path: Path) -> None:
    world, tuner = tuned(tmp_path)
    assert world.run().exit_code == 0

    assert told(world) == [
        (1, (("cut", 1),), 4.0),
        (2, (("cut", 7),), 2.0),
        (3, (("cut", 5),), 0.0),
        (4, (("cut", 5.5),), 0.5),
    ]
    assert {(t.metric, t.rows, t.seconds) for t in trials(world)} == {("loss", 0, 2.0)}
    assert end(world).detail == "trial 3 of 4 is best: `loss` 0.0000 in its log"
    best = world.ledger.success("training", trials(world)[2].fingerprint)
    assert best is not None
    assert end(world).artifacts == best.artifacts
    assert end(world).image == best.image != ""
    assert (len(tuner.begun), begun(world)) == (1, [])
    assert world.release.champion
    assert world.release.champion.candidate == "good"
    assert world.steps() == []


def test_the_job_is_given_what_stays_and_what_is_tried_and_never_the_test_rows(tmp_path: Path) -> None:
    world, tuner = tuned(tmp_path)
    world.run()

    (job,) = tuner.jobs.values()
    assert job.training.hyperparameters == (("depth", "2"),)
    assert [channel.name for channel in job.training.channels] == ["train"]
    assert [(found.name, found.values) for found in job.ranges] == [("cut", ("1", "7", "5", "5.5"))]
    assert (job.metric, job.goal.value, job.trials) == ("loss", "minimize", 4)


def test_a_failed_trial_and_a_silent_one_are_recorded_and_end_nothing(tmp_path: Path) -> None:
    world, tuner = tuned(tmp_path)
    tuner.fates, tuner.silent = {1: FAILED}, {3}
    assert world.run().exit_code == 0

    assert [(t.number, t.detail) for t in trials(world) if t.outcome == "failed"] == [
        (1, "exited non-zero: exit code 1"),
        (3, "its log does not say `loss`"),
    ]
    assert end(world).detail == "trial 4 of 4 is best: `loss` 0.5000 in its log; 2 failed"


def test_where_every_trial_fails_the_search_failed_and_asking_again_begins_another(tmp_path: Path) -> None:
    world, tuner = tuned(tmp_path)
    tuner.fates = dict.fromkeys(range(1, 5), FAILED)
    assert world.run().exit_code == 1
    assert end(world).detail == "none of 4 trials succeeded; the last: exited non-zero: exit code 1"

    tuner.fates = {}
    assert world.run().exit_code == 0
    assert [key[-2:] for key in tuner.begun] == ["-1", "-2"]
    assert {trial.attempt for trial in trials(world)} == {2}


def test_a_job_that_is_refused_is_the_end_of_its_attempt(tmp_path: Path) -> None:
    world, tuner = tuned(tmp_path)
    tuner.refusal = ProviderError("the quota is used up", hint="ask for more")
    assert world.run().exit_code == 69
    assert (end(world).outcome, end(world).detail) == ("failed", "it could not begin: the quota is used up")

    tuner.refusal = None
    assert world.run().exit_code == 0
    assert [key[-2:] for key in tuner.begun] == ["-2"]


def test_interrupted_it_stops_the_job_records_what_ended_and_begins_another_when_asked_again(tmp_path: Path) -> None:
    world, tuner = tuned(tmp_path)
    tuner.held = {3}
    world.clock.on_sleep = lambda: world.cancelled.append(True) if len(tuner.collected) == 2 else None
    assert world.run().exit_code == 130
    assert tuner.stopped == {*tuner.begun}
    assert end(world).outcome == "stopped"
    assert [(t.number, t.outcome, t.detail) for t in trials(world)] == [
        (1, "succeeded", ""), (2, "succeeded", ""), (3, "failed", "it was stopped"),
    ]  # fmt: skip

    world.cancelled.clear()
    tuner.held = set()
    world.clock.on_sleep = lambda: None
    assert world.run().exit_code == 0
    assert len(tuner.begun) == 2
    assert end(world).detail == "trial 3 of 4 is best: `loss` 0.0000 in its log"


def test_one_that_somebody_stopped_elsewhere_has_not_succeeded(tmp_path: Path) -> None:
    world, tuner = tuned(tmp_path)
    tuner.held = {3}
    world.clock.on_sleep = lambda: tuner.stopped.update(tuner.begun) if len(tuner.collected) == 2 else None
    assert world.run().exit_code == 1
    assert (end(world).outcome, end(world).detail) == ("stopped", "it was stopped")
    assert isinstance(tuner.status(tuner.begun[0]), Stopped)


def test_killed_before_any_record_it_adopts_the_job_and_records_each_trial_once(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole, _ = tuned(tmp_path / "whole")
    assert train(whole) == 0
    seen = [name for name in whole.records.kept if "/seen/" not in name]
    assert len(seen) == 4 * 3 + 2  # of each trial its training's beginning and end, and its score; and of the search

    for after in range(len(seen)):
        place = tmp_path / str(after)
        place.mkdir()
        world, tuner = tuned(place)
        store, world.records = world.records, DyingRecords(world.records.kept, left=after)
        with pytest.raises(Killed):
            train(world)
        world.records = store

        assert train(world) == 0
        assert told(world) == told(whole), after
        assert end(world).artifacts == end(whole).artifacts
        assert len(tuner.begun) == 1, after
        assert {name for name in store.kept if "/seen/" not in name} == {*seen}, after


def test_of_two_trials_with_the_same_hyperparameters_each_has_its_own_training(tmp_path: Path) -> None:
    world, tuner = tuned(tmp_path, TUNED.replace("[1, 7, 5, 5.5]", "[1, 5]"))
    tuner.chosen = [(("cut", "5"),), (("cut", "1"),), (("cut", "5"),)]
    assert world.run().exit_code == 0

    first, _, third = trials(world)
    assert first.fingerprint == third.fingerprint
    tries = world.ledger.tries("training", first.fingerprint)
    assert [(t.intent.candidate, t.intent.attempt) for t in tries] == [("good#1", 1), ("good#3", 2)]
    assert tries[0].finished
    assert tries[0].finished.started_at == at("1", 1)
    assert end(world).detail.startswith("trial 1 of 3")


def test_another_objective_searches_again_and_replacing_does_too(tmp_path: Path) -> None:
    world, tuner = tuned(tmp_path)
    world.run()
    situation = world.assess()
    assert world.perform(situation, select.replacing(situation, wanted(("good",)))).exit_code == 0
    assert [key[-2:] for key in tuner.begun] == ["-1", "-2"]
    assert of_attempt(world, 2)[0].attempt == 2

    world.push("candidates/good.yaml", TUNED.replace("minimize", "maximize").encode())
    change = next(c for c in world.assess().plan.changes if c.subject == "good")
    assert "search `good` again, 4 trials (grid)" in change.summary


def test_the_log_of_a_trial_that_runs_is_the_newest_until_the_search_ended(tmp_path: Path) -> None:
    world, tuner = tuned(tmp_path)
    tuner.held = {3}
    world.clock.on_sleep = lambda: _die() if len(tuner.collected) == 2 else None
    with pytest.raises(Killed):
        train(world)
    assert list(job_log(world.world, "tiny", "good", 0)) == ["1/3 goes on"]
    assert list(job_log(world.world, "tiny", "good#3", 0)) == ["1/3 goes on"]
    assert list(job_log(world.world, "tiny", "good#2", 0)) == ["this is 1/2"]

    tuner.held = set()
    world.clock.on_sleep = lambda: None
    assert train(world) == 0
    assert list(job_log(world.world, "tiny", "good", 0)) == ["this is 1/3"]


def _die() -> None:
    raise Killed


def logging(world: Small) -> None:
    """Have the trainings of candidates that search write their loss to the log."""
    collect, jobs = world.trainer.collect, world.trainer.jobs

    def collected(key: str) -> Outputs:
        loss = abs(float(dict(jobs[key].hyperparameters)["cut"]) - 5)
        return replace(collect(key), metrics=(("loss", loss),) if jobs[key].metric_definitions else ())

    world.trainer.collect = collected  # type: ignore[method-assign]


def test_without_a_tuner_the_log_scores_trials_that_are_trained_one_by_one(tmp_path: Path) -> None:
    world, _ = tuned(tmp_path)
    world.tuner = None
    logging(world)
    assert world.run().exit_code == 0

    assert [(t.score, t.rows) for t in trials(world)] == [(4.0, 0), (2.0, 0), (0.0, 0), (0.5, 0)]
    assert end(world).detail == "trial 3 of 4 is best: `loss` 0.0000 in its log"
    assert not [key for key in world.transformer.begun if key.startswith("validation")]


def test_without_a_tuner_a_training_from_before_the_metric_was_defined_is_made_again(tmp_path: Path) -> None:
    world, _ = tuned(tmp_path)
    world.tuner = None
    logging(world)
    world.push("candidates/bad.yaml", b"format: 1\nscript: src/train/fit.py\nhyperparameters: {cut: 1, depth: 2}\n")
    situation = world.assess()
    assert world.perform(situation, select.trainings(situation, wanted(("bad",)))).exit_code == 0
    world.clock.time += 60
    assert train(world) == 0

    assert begun(world) == ["good#1", "good#2", "good#3", "good#4"]
    assert trials(world)[0].score == 4.0


def test_a_search_by_the_log_needs_no_validation_rows(tmp_path: Path) -> None:
    world, _ = tuned(tmp_path)
    world.rewrite("label: large,", "label: large, split: {train: 0.8, validation: 0, test: 0.2},")
    assert train(world) == 0
