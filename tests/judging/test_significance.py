"""P-values against scipy and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mlops_ci.judging.predictions import Predictions, Reading, read_predictions
from mlops_ci.judging.significance import mcnemar, p_value
from mlops_ci.model import Problem

SEED = "0123456789abcdef" * 4


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
    assert p_value("accuracy", one, other, seed=SEED) == pytest.approx(mcnemar(6, 1))


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
    found = p_value(metric, better, worse, seed=SEED)
    assert found is not None
    assert found < 0.02
    assert p_value(metric, worse, worse, seed=SEED) == 1


def test_the_bootstrap_is_symmetric_and_follows_from_its_seed() -> None:
    one, other = models(120, 0.05)
    first = p_value("brier", one, other, seed=SEED)
    assert first == p_value("brier", one, other, seed=SEED) == p_value("brier", other, one, seed=SEED)
    assert first != p_value("brier", one, other, seed="ff")
    assert first is not None
    assert 0 < first <= 1


def test_the_bootstraps_p_value_is_near_the_normal_one_for_a_mean() -> None:
    """Oracle: for a mean of differences the bootstrap approaches the z-test."""
    random = np.random.default_rng(9)
    truth = random.normal(0, 1, 400)
    one, other = truth + random.normal(0, 1.0, 400), truth + random.normal(0, 1.05, 400)
    pair = [
        read_predictions(tuple(map(float, x)), tuple(map(repr, map(float, truth))), Reading(Problem.REGRESSION))
        for x in (one, other)
    ]
    found = p_value("mae", *pair, seed=SEED)
    gaps = abs(truth - one) - abs(truth - other)
    from scipy.stats import norm

    expected = 2 * norm.sf(abs(gaps.mean()) / (gaps.std() / 20))
    assert found == pytest.approx(expected, abs=0.06)


def test_there_is_no_p_value_for_other_rows_other_problems_or_metrics_without_a_value() -> None:
    one = binary(["yes", "no"], [0.9, 0.1])
    assert p_value("accuracy", one, binary(["no", "yes"], [0.9, 0.1]), seed=SEED) is None
    assert p_value("cost", one, one, seed=SEED) is None
    labels = read_predictions(("yes", "no"), ("yes", "no"), Reading(Problem.BINARY, positive="yes"))
    assert p_value("roc_auc", one, labels, seed=SEED) is None
