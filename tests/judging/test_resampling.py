"""The bootstrap: every resample's value is that of the metric over the rows drawn, on every machine."""

from __future__ import annotations

import math
import subprocess
import sys
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.judging.draws import _drawn, draws, resamples
from mlops_ci.judging.metrics import Columns, Undefined, columns, compute
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.judging.resampling import resampled, valued
from mlops_ci.model import METRICS, Problem
from mlops_ci.model.effects import Json

Random = np.random.Generator


def binary(random: Random, rows: int) -> Columns:
    truth = [str(label) for label in random.choice(["no", "yes"], rows, p=[0.8, 0.2])]
    chances = [float(c) for c in random.integers(0, 12, rows) / 11]  # few values: many ties
    return columns(read_predictions(tuple(chances), tuple(truth), Reading(Problem.BINARY, positive="yes")))


def several(random: Random, rows: int) -> Columns:
    names = ["a", "b", "c", "d"]
    shares = random.dirichlet([1.0] * 3, rows)  # `d` is in no answer but as a truth
    values: list[Json] = [
        {"label": names[int(random.integers(0, 3))], "probabilities": dict(zip(names, map(float, share), strict=False))}
        for share in shares
    ]
    truth = tuple(names[code] for code in random.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1]))
    return columns(read_predictions(tuple(values), truth, Reading(Problem.MULTICLASS)))


def numbers(random: Random, rows: int) -> Columns:
    truth = random.normal(1e6, 2, rows).round(1)  # far from zero: squares that would cancel
    found = truth + random.normal(0, 1, rows)
    labels = tuple(map(repr, map(float, truth)))
    return columns(read_predictions(tuple(map(float, found)), labels, Reading(Problem.REGRESSION)))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([binary, several, numbers]), st.integers(1, 40), st.integers(0, 2**32))
def test_each_value_is_that_of_the_metric_over_the_rows_drawn(
    make: Callable[[Random, int], Columns], rows: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    data = make(random, rows)
    some = np.flatnonzero(random.integers(0, 2, rows))
    found = resampled(tuple(METRICS), data, [np.arange(rows), some])
    weights = next(iter(draws(rows)))[:, :5].astype(int)
    for places, values in zip((np.arange(rows), some), found, strict=True):
        assert {*values} == {name for name, metric in METRICS.items() if data.predictions.problem in metric.problems}
        for name, drawn in values.items():
            for at in range(weights.shape[1]):
                expected = compute(name, data, np.repeat(places, weights[places, at]))
                if name == "r2" and math.isnan(drawn[at]):
                    continue  # labels that are all the same: scikit-learn calls it 0 or 1, a resample skips it
                if isinstance(expected, Undefined):
                    assert math.isnan(drawn[at]), (name, expected)
                else:
                    assert drawn[at] == pytest.approx(expected, rel=1e-7, abs=1e-9), name


@pytest.mark.parametrize("make", [binary, several, numbers])
def test_the_value_over_all_rows_is_that_of_the_metric_to_nine_digits(make: Callable[[Random, int], Columns]) -> None:
    data = make(np.random.default_rng(8), 300)
    found = valued((*METRICS, "own"), data)
    assert {*found} == {name for name, metric in METRICS.items() if data.predictions.problem in metric.problems}
    assert found == pytest.approx({name: compute(name, data) for name in found}, rel=1e-9, abs=1e-9)
    assert valued(("roc_auc", "rmse", "r2"), make(np.random.default_rng(8), 1)).keys() <= {"rmse"}


def test_differences_are_found_without_scikit_learn() -> None:
    code = """
import sys
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.judging.significance import Sample, difference
from mlops_ci.model import METRICS, Problem
one = read_predictions((0.9, 0.2, 0.6), ("yes", "no", "no"), Reading(Problem.BINARY, positive="yes"))
sample = Sample.of(tuple(METRICS), one)
print(len([name for name in METRICS if difference(name, sample, sample)]), {"sklearn", "scipy"} & sys.modules.keys())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["9", "set()"]


def test_r2_has_no_value_where_a_resample_drew_one_label_only() -> None:
    data = columns(read_predictions((1.0, 2.0, 3.0), ("2", "2", "5"), Reading(Problem.REGRESSION)))
    (values,) = resampled(("r2",), data, [np.arange(3)])
    weights = np.concatenate([*draws(3)], axis=1)
    alike = (weights[2] == 0) | (weights[2] == 3)
    assert (np.isnan(values["r2"]) == alike).all()
    assert alike.any()


def test_the_draws_are_pinned_so_that_no_release_of_numpy_moves_an_interval() -> None:
    weights = np.concatenate([*draws(7)], axis=1)
    assert weights[:, :3].T.tolist() == [[0, 0, 1, 0, 2, 2, 2], [0, 0, 2, 2, 1, 1, 1], [3, 2, 1, 0, 1, 0, 0]]
    assert weights.shape == (7, 2000)
    assert (weights.sum(axis=0) == 7).all()


def test_every_row_is_drawn_about_once_and_how_many_are_at_hand_at_a_time_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = np.concatenate([*_drawn(501)], axis=1)
    assert abs(whole.mean(axis=1) - 1).max() < 5 / math.sqrt(2000)
    monkeypatch.setattr("mlops_ci.judging.draws._AT_ONCE", 5000)
    assert (np.concatenate([*_drawn(501)], axis=1) == whole).all()
    assert (np.concatenate([*draws(501)], axis=1) == whole).all()
    assert draws(80) is draws(80)


def test_the_work_is_bounded_and_never_too_little() -> None:
    assert [resamples(rows) for rows in (0, 1, 5000, 10_000, 50_000, 1_000_000)] == [2000, 2000, 2000, 1000, 400, 400]


def test_sums_are_exact_whatever_the_order_of_the_rows() -> None:
    """What makes the result the same on every machine: no sum is rounded, so no order of summing shows."""
    random = np.random.default_rng(4)
    errors = [float(x) for x in random.lognormal(0, 4, 300)]
    labels = tuple("0.0" for _ in errors)
    whole = resampled(("mae", "rmse"), _errors(errors, labels), [np.arange(300)])[0]
    weights = np.concatenate([*draws(300)], axis=1)
    scaled = [round(math.ldexp(error, 53 - math.frexp(max(errors))[1] - 9)) for error in errors]
    for at in range(0, 2000, 97):
        exact = sum(int(weight) * part for weight, part in zip(weights[:, at], scaled, strict=True))
        assert whole["mae"][at] == math.ldexp(exact, math.frexp(max(errors))[1] + 9 - 53) / 300


def _errors(errors: list[float], labels: tuple[str, ...]) -> Columns:
    return columns(read_predictions(tuple(errors), labels, Reading(Problem.REGRESSION)))


def test_metrics_that_do_not_fit_are_left_out_and_huge_numbers_have_no_value() -> None:
    data = _errors([1e200, 1.0], ("0.0", "0.0"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (values,) = resampled(("rmse", "mae", "accuracy", "own"), data, [np.arange(2)])
    assert {*values} == {"rmse", "mae"}
    assert not np.isfinite(values["rmse"]).any()
    assert np.isfinite(values["mae"]).all()
    labels = columns(read_predictions(("yes", "no"), ("yes", "no"), Reading(Problem.BINARY, positive="yes")))
    assert {*resampled(("roc_auc", "recall"), labels, [np.arange(2)])[0]} == {"recall"}
