"""P-values against scipy and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mlops_ci.judging.intervals import interval
from mlops_ci.judging.predictions import Predictions, Reading, read_predictions
from mlops_ci.judging.scores import Difference
from mlops_ci.judging.significance import Sample, difference, mcnemar
from mlops_ci.model import Problem


def compared(metric: str, one: Predictions, other: Predictions) -> Difference | None:
    return difference(metric, Sample.of((metric,), one), Sample.of((metric,), other))


def p_value(metric: str, one: Predictions, other: Predictions) -> float:
    found = compared(metric, one, other)
    assert found is not None
    assert found.p_value is not None
    return found.p_value


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemars_test_is_the_exact_binomial_one(one: int, other: int) -> None:
    expected = binomtest(one, one + other).pvalue if one + other else 1.0
    assert mcnemar(one, other) == pytest.approx(expected, rel=1e-9)
    assert mcnemar(one, other) == mcnemar(other, one)


def test_values_by_hand() -> None:
    assert mcnemar(0, 5) == pytest.approx(2 / 2**5)
    assert mcnemar(1, 7) == pytest.approx(2 * (1 + 8) / 2**8)
    assert mcnemar(4, 4) == 1
    assert mcnemar(20_000, 20_400) == pytest.approx(binomtest(20_000, 40_400).pvalue, rel=1e-6)


def binary(truth: list[str], chances: list[float]) -> Predictions:
    return read_predictions(tuple(chances), tuple(truth), Reading(Problem.BINARY, positive="yes"))


def test_accuracy_goes_by_the_rows_that_only_one_gets_right() -> None:
    truth = ["yes"] * 10
    one, other = binary(truth, [0.9] * 9 + [0.1]), binary(truth, [0.9] * 3 + [0.1] * 6 + [0.9])
    assert p_value("accuracy", one, other) == pytest.approx(mcnemar(6, 1))


def models(rows: int, better: float) -> tuple[Predictions, Predictions]:
    random = np.random.default_rng(5)
    truth = random.choice(["no", "yes"], rows)
    signal = (truth == "yes") * 0.3 + 0.2

    def chances(strength: float) -> list[float]:
        noise = random.uniform(0, 0.5, rows)
        return [float(x) for x in np.clip(signal * strength + noise * (1 - strength) + 0.1 * strength, 0, 1)]

    return binary(list(truth), chances(0.3 + better)), binary(list(truth), chances(0.3))


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss"])
def test_the_bootstrap_tells_a_clear_difference_from_none(metric: str) -> None:
    better, worse = models(300, 0.3)
    assert p_value(metric, better, worse) < 0.01
    assert p_value(metric, worse, worse) == 1


@pytest.mark.parametrize("metric", ["accuracy", "brier"])
def test_a_difference_turns_round_with_its_interval_where_the_models_do(metric: str) -> None:
    one, other = models(120, 0.05)
    there, back = compared(metric, one, other), compared(metric, other, one)
    assert there is not None
    assert back is not None
    assert there == compared(metric, one, other)
    assert there.low is not None
    assert there.high is not None
    assert there.low <= there.value <= there.high
    assert back.low is not None
    assert back.high is not None
    assert (back.value, back.low, back.high) == pytest.approx((-there.value, -there.high, -there.low))
    assert back.p_value == there.p_value


def test_an_interval_of_a_difference_is_narrower_than_those_of_the_two_because_the_rows_are_the_same() -> None:
    one, _ = models(300, 0.02)
    chances = [answer.probability("yes") for answer in one.answers]
    other = binary([*one.truth], [min(1.0, chance + 0.01 * (at % 3)) for at, chance in enumerate(chances)])
    samples = [Sample.of(("roc_auc",), model) for model in (one, other)]
    widths = []
    for sample in samples:
        bounds = interval(sample.drawn["roc_auc"])
        assert bounds is not None
        widths.append(bounds[1] - bounds[0])
    apart = difference("roc_auc", *samples)
    assert apart is not None
    assert apart.low is not None
    assert apart.high is not None
    assert apart.high - apart.low < min(widths) / 2


def test_the_bootstraps_p_value_is_near_the_normal_one_for_a_mean() -> None:
    """Oracle: for a mean of differences the bootstrap approaches the z-test."""
    random = np.random.default_rng(9)
    truth = random.normal(0, 1, 400)
    one, other = truth + random.normal(0, 1.0, 400), truth + random.normal(0, 1.05, 400)
    pair = [
        read_predictions(tuple(map(float, x)), tuple(map(repr, map(float, truth))), Reading(Problem.REGRESSION))
        for x in (one, other)
    ]
    found = p_value("mae", *pair)
    apart = compared("mae", *pair)
    gaps = abs(truth - one) - abs(truth - other)
    from scipy.stats import norm

    expected = 2 * norm.sf(abs(gaps.mean()) / (gaps.std() / 20))
    assert found == pytest.approx(expected, abs=0.02)
    half = norm.ppf(0.975) * gaps.std() / 20
    assert apart is not None
    assert (apart.low, apart.high) == pytest.approx((gaps.mean() - half, gaps.mean() + half), abs=half / 10)


def test_there_is_no_difference_for_other_rows_other_problems_or_metrics_without_a_value() -> None:
    one = binary(["yes", "no"], [0.9, 0.1])
    assert compared("accuracy", one, binary(["no", "yes"], [0.9, 0.1])) is None
    assert compared("cost", one, one) is None
    labels = read_predictions(("yes", "no"), ("yes", "no"), Reading(Problem.BINARY, positive="yes"))
    assert compared("roc_auc", one, labels) is None
    assert compared("accuracy", one, one) == Difference("accuracy", 0.0, p_value=1.0)  # two rows: no interval
