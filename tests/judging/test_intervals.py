"""Intervals hold what they claim, say nothing where there is nothing to say, and cost little."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from mlops_ci.judging.evaluate import Slices, evaluate
from mlops_ci.judging.intervals import interval, rounded, with_intervals
from mlops_ci.judging.metrics import columns, compute
from mlops_ci.judging.predictions import Predictions, Reading, read_predictions
from mlops_ci.judging.resampling import resampled
from mlops_ci.judging.scores import Measurement, Scores
from mlops_ci.model import METRICS, CustomMetric, Evaluation, Problem
from mlops_ci.model.effects import Json

BINARY = tuple(name for name, metric in METRICS.items() if Problem.BINARY in metric.problems)


def binary(rows: int, seed: int = 1) -> Predictions:
    random = np.random.default_rng(seed)
    truth = random.choice(["no", "yes"], rows, p=[0.8, 0.2])
    chances = np.clip(random.normal(0.35, 0.2, rows) + 0.25 * (truth == "yes"), 0.02, 0.98)
    reading = Reading(Problem.BINARY, positive="yes")
    return read_predictions(tuple(map(float, chances)), tuple(map(str, truth)), reading)


def judged(predictions: Predictions, slices: Slices = ()) -> Scores:
    def rows(_: CustomMetric, rows: tuple[Json, ...]) -> float:
        return float(len(rows))

    rules = Evaluation(
        "accuracy", BINARY, slices=tuple(name for name, _ in slices), custom=(CustomMetric("own", "m:f"),)
    )
    return with_intervals(evaluate(predictions, slices, rules, rows), predictions, slices)


def bounds(scores: Scores, metric: str, *slice_: str) -> tuple[float, float]:
    found = scores.measurement(metric, *slice_)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def test_every_metric_of_ours_has_an_interval_around_its_value_over_all_rows_and_each_slice() -> None:
    plans = tuple("ab"[at % 3 > 0] for at in range(600))
    scores = judged(binary(600), (("plan", plans),))
    for made in scores.measurements:
        if made.metric == "own":
            assert (made.low, made.high) == (None, None)
            continue
        low, high = bounds(scores, made.metric, made.slice, made.of)
        assert made.value is not None
        assert low < made.value < high
    whole, part = bounds(scores, "accuracy"), bounds(scores, "accuracy", "plan", "a")
    assert part[1] - part[0] > 1.4 * (whole[1] - whole[0])  # a third of the rows
    assert Scores.from_json(scores.to_json()) == scores


def test_the_interval_of_a_share_is_near_the_normal_one() -> None:
    scores = judged(binary(2000))
    accuracy = scores.value("accuracy")
    assert accuracy is not None
    half = norm.ppf(0.975) * (accuracy * (1 - accuracy) / 2000) ** 0.5
    assert bounds(scores, "accuracy") == pytest.approx((accuracy - half, accuracy + half), abs=half / 10)


def test_about_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    """Oracle: the metric over very many rows of the same kind."""
    wide, names = columns(binary(100_000, seed=99)), ("accuracy", "roc_auc", "log_loss")
    truth = {name: compute(name, wide) for name in names}
    held = dict.fromkeys(names, 0)
    for seed in range(100):
        (drawn,) = resampled(names, columns(binary(150, seed=seed)), [np.arange(150)])
        for name in names:
            low, high = interval(drawn[name]) or (0, 0)
            value = truth[name]
            held[name] += isinstance(value, float) and low <= value <= high
    assert all(88 <= count <= 99 for count in held.values()), held


def test_too_few_rows_and_metrics_without_a_value_have_no_interval() -> None:
    few = judged(binary(9))
    assert all(made.low is None and made.high is None for made in few.measurements)
    plans = tuple("ab"[at > 3] for at in range(60))
    scores = judged(binary(60), (("plan", plans),))
    assert bounds(scores, "accuracy", "plan", "b")
    assert scores.measurement("accuracy", "plan", "a") == Measurement(
        "accuracy", scores.value("accuracy", "plan", "a"), 4, "plan", "a"
    )
    labels = read_predictions(("no",) * 20, ("no",) * 20, Reading(Problem.BINARY, positive="yes"))
    recall = judged(labels).measurement("recall")
    assert recall == Measurement("recall", None, 20, reason="no row is `yes`")


def test_a_metric_that_most_resamples_leave_undefined_has_no_interval() -> None:
    values = np.array([np.nan] * 6 + [0.1] * 4)
    assert interval(values) is None
    assert interval(np.array([np.nan, 0.1, 0.2])) == pytest.approx((0.1025, 0.1975))
    assert interval(np.array([])) is None


def test_bounds_are_rounded_so_that_the_last_bits_of_a_machine_do_not_show() -> None:
    assert rounded(0.1 + 0.2) == 0.3
    assert rounded(123456789.123) == 123456789.0
    assert rounded(-0.0123456789123) == -0.0123456789


def test_scores_from_before_there_were_intervals_are_read_as_having_none() -> None:
    old = {"metric": "accuracy", "value": 0.9, "rows": 9, "slice": "", "of": "", "reason": ""}
    read = Scores.from_json({"metric": "accuracy", "rows": 9, "measurements": [old]})
    assert read.measurements == (Measurement("accuracy", 0.9, 9),)
    bounded = replace(read, measurements=(Measurement("accuracy", 0.9, 9, low=0.8, high=1.0),))
    assert Scores.from_json(bounded.to_json()) == bounded


def test_nine_metrics_over_ten_thousand_rows_and_their_slices_take_well_under_a_second_of_work() -> None:
    predictions = binary(10_000)
    plans = tuple("abc"[at % 3] for at in range(10_000))
    scores = evaluate(predictions, (("plan", plans),), Evaluation("accuracy", BINARY), lambda *_: 0.0)
    started = time.process_time()
    with_intervals(scores, predictions, (("plan", plans),))
    assert time.process_time() - started < 2  # 0.4 s where it is quiet; other processes share this machine's caches
