"""Tuning jobs on SageMaker: one job a key, trials that are trainings, and what is left of each."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.aws.jobs.tuning import SageMakerTuner, tuning_name
from mlops_ci.errors import InputsMoved, ProviderError
from mlops_ci.model import Budget, Goal, MetricDefinition, NumberType, Range, Resources, Strategy
from mlops_ci.model.address import Address
from mlops_ci.ports.jobs import Failed, Running, Stopped, Succeeded
from mlops_ci.ports.tuning import TuningJob
from mlops_ci.testing.aws.faults import Reset, Stale, Throttled
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.jobs.sites import Place, a_place, scripts
from tests.adapters.local.workplace import ENDLESS, training

KEY = f"training-{'5e' * 16}-1"
SCRIPT = """
import argparse, json, os, sys
parser = argparse.ArgumentParser()
parser.add_argument("--kind")
parser.add_argument("--steps", type=int)
given = parser.parse_args()
print(f"as {given.kind!r} in {given.steps} steps")
if given.kind == "bad":
    sys.exit("it is bad")
json.dump(vars(given), open(os.environ["SM_MODEL_DIR"] + "/model.json", "w"))
print(f"gain={len(given.kind) + given.steps / 10}")
"""
GRID = (Range("kind", values=("bad", "true", "a b c")),)


def job(script: str = SCRIPT, ranges: tuple[Range, ...] = GRID, parallel: int = 2) -> TuningJob:
    gain = MetricDefinition("gain", "gain=([0-9.]+)")
    trained = replace(training(script, hyperparameters=(("steps", "5"),)), metric_definitions=(gain,))
    return TuningJob(trained, ranges, Strategy.GRID, Budget(None, parallel), 3, 0, "gain", Goal.MAXIMIZE)


def ended(tuner: SageMakerTuner, key: str = KEY) -> Succeeded | Failed | Stopped:
    until = time.monotonic() + 90
    while isinstance(status := tuner.status(key), Running) or any(
        isinstance(trial.status, Running) for trial in tuner.trials(key)
    ):
        assert time.monotonic() < until, "it does not end"
        time.sleep(0.05)
    assert status is not None
    return status


def tuning_jobs(place: Place) -> list[str]:
    listed = place.client("sagemaker").list_hyper_parameter_tuning_jobs(MaxResults=100)
    mine = tuning_name(KEY, place.account.address)
    return [
        found["HyperParameterTuningJobName"]
        for found in listed["HyperParameterTuningJobSummaries"]
        if found["HyperParameterTuningJobName"] == mine
    ]


@pytest.fixture
def place(aws: Loopback, tmp_path: Path) -> Place:
    return a_place(tmp_path, scripts(SCRIPT, ENDLESS), tags=(("team", "churn"),))


def test_each_trial_is_a_training_with_its_number_score_model_and_log(place: Place) -> None:
    tuner = place.site.tuner()
    assert (tuner.status(KEY), tuner.trials(KEY)) == (None, ())
    tuner.submit(job(), key=KEY)
    assert isinstance(ended(tuner), Succeeded)

    bad, true, long = tuner.trials(KEY)
    assert [t.number for t in (bad, true, long)] == [1, 2, 3]
    assert [t.hyperparameters for t in (bad, true, long)] == [
        (("kind", "bad"),), (("kind", "true"),), (("kind", "a b c"),),
    ]  # fmt: skip
    assert [t.value for t in (bad, true, long)] == [None, 4.5, 5.5]
    assert isinstance(bad.status, Failed)
    assert "it is bad" in bad.status.detail
    outputs = tuner.collect(KEY, 2)
    assert outputs.metrics == (("gain", 4.5),)
    assert {output.name for output in outputs.artifacts} == {"log", "model"}
    assert outputs.billed_seconds == 1.0
    assert [output.name for output in tuner.collect(KEY, 1).artifacts] == ["log"]
    assert "as 'a b c' in 5 steps" in "\n".join(tuner.logs(KEY, 3, start=0))
    with pytest.raises(ProviderError, match="has no trial 4"):
        tuner.collect(KEY, 4)


def test_whoever_submits_the_same_key_adopts_the_job_and_its_trials_have_our_tags(place: Place) -> None:
    place.site.tuner().submit(job(), key=KEY)
    other = place.site.tuner()
    other.submit(job(), key=KEY)
    ended(other)
    assert tuning_jobs(place) == [tuning_name(KEY, place.account.address)]
    sagemaker = place.client("sagemaker")
    trial = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=tuning_jobs(place)[0]
    )["TrainingJobSummaries"][0]
    tags = sagemaker.list_tags(ResourceArn=trial["TrainingJobArn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags}.items() >= {
        "team": "churn", "mlops-ci:model": "churn", "mlops-ci:candidate": "linear",
    }.items()  # fmt: skip


def test_stopping_it_stops_its_trials(place: Place) -> None:
    tuner = place.site.tuner()
    tuner.submit(job(ENDLESS), key=KEY)
    until = time.monotonic() + 60
    while not tuner.trials(KEY):
        assert time.monotonic() < until
        time.sleep(0.05)
    tuner.stop(KEY)
    assert isinstance(ended(tuner), Stopped)
    assert {type(trial.status) for trial in tuner.trials(KEY)} == {Stopped}
    tuner.stop(KEY)  # again does nothing


def test_ranges_of_numbers_are_walked_within_their_bounds_and_a_seed_gives_them_again(place: Place) -> None:
    tuner = place.site.tuner()
    ranges = (Range("steps", 1, 900, type=NumberType.INTEGER),)
    trained = training(SCRIPT, hyperparameters=(("kind", "x"),))
    drawn = []
    for key in (KEY, f"{KEY[:-1]}2"):
        wanted = replace(job(), training=replace(trained, metric_definitions=job().training.metric_definitions))
        tuner.submit(replace(wanted, ranges=ranges, strategy=Strategy.RANDOM, budget=Budget(3, 3), seed=4), key=key)
        assert isinstance(ended(tuner, key), Succeeded)
        drawn.append([int(dict(trial.hyperparameters)["steps"]) for trial in tuner.trials(key)])
    assert drawn[0] == drawn[1]
    assert all(1 <= steps <= 900 for steps in drawn[0])


@pytest.mark.parametrize(
    "fault",
    [
        Reset("sagemaker:CreateHyperParameterTuningJob"),
        Throttled(share=0.3, seed=2),
        Stale(calls=2, missing=2),
    ],
    ids=["reset", "throttled", "stale"],
)
def test_whatever_happens_to_calls_there_is_one_job_with_its_three_trials(
    aws: Loopback, place: Place, fault: Reset | Throttled | Stale
) -> None:
    aws.faults.inject(fault)
    try:
        tuner = place.site.tuner()
        tuner.submit(job(), key=KEY)
        ended(tuner)
        assert [trial.value for trial in tuner.trials(KEY)] == [None, 4.5, 5.5]
    finally:
        aws.faults.clear()
    assert len(tuning_jobs(place)) == 1


def test_code_that_moved_begins_nothing(place: Place) -> None:
    moved = job("print('other')")
    with pytest.raises(InputsMoved):
        place.site.tuner().submit(moved, key=KEY)
    assert tuning_jobs(place) == []
    assert place.site.tuner().status(KEY) is None


def test_a_name_has_at_most_32_characters_and_differs_by_attempt_search_and_store() -> None:
    stores, keys = (Address("b", "p/"), Address("c", "p/")), (KEY, f"{KEY[:-1]}999", f"training-{'ab' * 16}-1")
    names = {tuning_name(key, store) for key in keys for store in stores}
    assert len(names) == 6
    assert max(len(name) for name in names) <= 32
    with pytest.raises(ProviderError, match="no key of a tuning job"):
        tuning_name("training-1", stores[0])


def test_a_machine_that_the_account_may_not_use_is_told(aws: Loopback, place: Place) -> None:
    tuner = place.site.tuner()
    wanted = job()
    odd = replace(wanted, training=replace(wanted.training, resources=Resources("ml.nothing.large")))
    with pytest.raises(ProviderError, match=r"ml\.nothing\.large"):
        tuner.submit(odd, key=KEY)
    assert tuner.status(KEY) is None
