"""Every metric against scikit-learn itself, by hand, and where it is undefined."""

from __future__ import annotations

import math
import subprocess
import sys
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_ci.judging.evaluate import SLICE_VALUES, evaluate, goal_of
from mlops_ci.judging.metrics import Undefined, columns, compute
from mlops_ci.judging.predictions import Predictions, Reading, read_predictions
from mlops_ci.judging.scores import Measurement, Scores
from mlops_ci.model import METRICS, CustomMetric, Evaluation, Goal, Problem
from mlops_ci.model.effects import Json

BINARY = Reading(Problem.BINARY, positive="yes")


def binary(rows: int = 200, seed: int = 1) -> tuple[Predictions, list[str], list[float]]:
    random = np.random.default_rng(seed)
    truth = [str(label) for label in random.choice(["no", "yes"], rows, p=[0.8, 0.2])]
    chance = [
        float(c) for c in np.clip(random.normal(0.35, 0.2, rows) + 0.25 * np.array([t == "yes" for t in truth]), 0, 1)
    ]
    return read_predictions(tuple(chance), tuple(truth), BINARY), truth, chance


@pytest.mark.parametrize(
    ("metric", "oracle"),
    [
        ("accuracy", lambda t, p, c: sk.accuracy_score(t, p)),
        ("balanced_accuracy", lambda t, p, c: sk.balanced_accuracy_score(t, p)),
        ("precision", lambda t, p, c: sk.precision_score(t, p, pos_label="yes")),
        ("recall", lambda t, p, c: sk.recall_score(t, p, pos_label="yes")),
        ("f1", lambda t, p, c: sk.f1_score(t, p, pos_label="yes")),
        ("roc_auc", lambda t, p, c: sk.roc_auc_score([x == "yes" for x in t], c)),
        ("average_precision", lambda t, p, c: sk.average_precision_score(t, c, pos_label="yes")),
        ("log_loss", lambda t, p, c: sk.log_loss(t, [[1 - x, x] for x in c])),
        ("brier", lambda t, p, c: sk.brier_score_loss(t, c, pos_label="yes")),
    ],
)
def test_binary_metrics_are_scikit_learns(metric: str, oracle: Callable[..., float]) -> None:
    made, truth, chance = binary()
    predicted = ["yes" if c >= 0.5 else "no" for c in chance]
    assert compute(metric, columns(made)) == pytest.approx(oracle(truth, predicted, chance), rel=1e-12)


def several(rows: int = 200) -> tuple[Predictions, list[str], list[str], np.ndarray]:
    random = np.random.default_rng(2)
    truth = [str(label) for label in random.choice(["a", "b", "c"], rows)]
    shares = random.dirichlet([1, 1, 1], rows)
    for row, label in enumerate(truth):
        shares[row] = shares[row] * 0.6 + 0.4 * (np.array(["a", "b", "c"]) == label)
    values: list[Json] = [{"probabilities": dict(zip("abc", map(float, row), strict=True))} for row in shares]
    predicted = ["abc"[int(row.argmax())] for row in shares]
    made = read_predictions(tuple(values), tuple(truth), Reading(Problem.MULTICLASS))
    return made, truth, predicted, shares


@pytest.mark.parametrize(
    ("metric", "oracle"),
    [
        ("accuracy", lambda t, p, s: sk.accuracy_score(t, p)),
        ("balanced_accuracy", lambda t, p, s: sk.balanced_accuracy_score(t, p)),
        ("precision", lambda t, p, s: sk.precision_score(t, p, average="macro")),
        ("recall", lambda t, p, s: sk.recall_score(t, p, average="macro")),
        ("f1", lambda t, p, s: sk.f1_score(t, p, average="macro")),
        ("roc_auc", lambda t, p, s: sk.roc_auc_score(t, s, multi_class="ovr", average="macro")),
        ("average_precision", lambda t, p, s: sk.average_precision_score(t, s, average="macro")),
        ("log_loss", lambda t, p, s: sk.log_loss(t, s, labels=["a", "b", "c"])),
    ],
)
def test_multiclass_metrics_are_scikit_learns_macro_means(metric: str, oracle: Callable[..., float]) -> None:
    made, truth, predicted, shares = several()
    assert compute(metric, columns(made)) == pytest.approx(oracle(truth, predicted, shares), rel=1e-9)


def test_probabilities_that_were_rounded_are_scaled_to_sum_to_one() -> None:
    row: Json = {"probabilities": {"a": 0.5, "b": 0.2525, "c": 0.2525}}
    made = columns(read_predictions((row, row), ("a", "b"), Reading(Problem.MULTICLASS)))
    assert compute("log_loss", made) == pytest.approx(-(math.log(0.5 / 1.005) + math.log(0.2525 / 1.005)) / 2)


@pytest.mark.parametrize(
    ("metric", "oracle"),
    [
        ("rmse", sk.root_mean_squared_error),
        ("mae", sk.mean_absolute_error),
        ("mape", sk.mean_absolute_percentage_error),
        ("r2", sk.r2_score),
    ],
)
def test_regression_metrics_are_scikit_learns(metric: str, oracle: Callable[..., float]) -> None:
    random = np.random.default_rng(3)
    truth, found = [[float(x) for x in random.normal(5, 2, 100)] for _ in range(2)]
    made = read_predictions(tuple(found), tuple(map(repr, truth)), Reading(Problem.REGRESSION))
    assert compute(metric, columns(made)) == pytest.approx(oracle(truth, found), rel=1e-12)


def test_values_by_hand() -> None:
    made = columns(read_predictions((0.9, 0.6, 0.4, 0.1), ("yes", "no", "yes", "no"), BINARY))
    assert compute("accuracy", made) == 0.5
    assert compute("precision", made) == 0.5
    assert compute("roc_auc", made) == 0.75
    assert compute("average_precision", made) == pytest.approx((1 + 2 / 3) / 2)
    assert compute("brier", made) == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)
    assert compute("log_loss", made) == pytest.approx(-(math.log(0.9) + math.log(0.4)) / 2)
    numbers = columns(read_predictions((1.0, 4.0), ("2", "2"), Reading(Problem.REGRESSION)))
    assert compute("rmse", numbers) == pytest.approx(math.sqrt(2.5))
    assert compute("mape", numbers) == pytest.approx(0.75)


def test_what_the_truth_leaves_undefined_has_a_reason_and_what_the_predictions_do_is_zero() -> None:
    stay = columns(read_predictions((0.1, 0.2), ("no", "no"), BINARY))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for metric in ("recall", "f1", "roc_auc", "average_precision"):
            assert compute(metric, stay) == Undefined("no row is `yes`")
        leave = columns(read_predictions((0.1, 0.2), ("yes", "yes"), BINARY))
        assert compute("roc_auc", leave) == Undefined("every row is `yes`")
        assert compute("precision", leave) == 0
        assert compute("log_loss", stay) == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2)
        assert compute("accuracy", stay, []) == Undefined("there is no row")
        assert compute("rmse", stay) == Undefined("`rmse` is no metric of binary_classification")
        one = columns(read_predictions((1.0,), ("2",), Reading(Problem.REGRESSION)))
        assert compute("r2", one) == Undefined("one row has no variance")
    made = several()[0]
    only = [at for at, label in enumerate(made.truth) if label != "b"]
    assert compute("roc_auc", columns(made), only) == Undefined("no row is `b`")


def test_without_probabilities_the_metrics_that_need_them_say_so() -> None:
    made = columns(read_predictions(("yes", "no"), ("yes", "yes"), BINARY))
    for metric in ("roc_auc", "average_precision", "log_loss", "brier"):
        assert compute(metric, made) == Undefined("the answers have no probabilities (row 1)")
    assert compute("recall", made) == 0.5


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["no", "yes"]), st.floats(0, 1)), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_metrics_stay_in_their_range_and_the_order_of_rows_never_matters(
    rows: list[tuple[str, float]], random: object
) -> None:
    made = columns(read_predictions(tuple(c for _, c in rows), tuple(t for t, _ in rows), BINARY))
    order = np.random.default_rng(0).permutation(len(rows))
    for name, metric in METRICS.items():
        if Problem.BINARY not in metric.problems:
            continue
        value, other = compute(name, made), compute(name, made, order)
        if isinstance(value, Undefined):
            assert value == other
            continue
        assert other == pytest.approx(value)
        assert metric.low is None or value >= metric.low
        assert metric.high is None or value <= metric.high + 1e-12


def nothing(metric: CustomMetric, rows: tuple[Json, ...]) -> float:
    raise AssertionError("no custom metric was declared")


def test_an_evaluation_measures_the_whole_and_every_slice_value_in_order() -> None:
    made = read_predictions((0.9, 0.6, 0.4, 0.1), ("yes", "no", "yes", "no"), BINARY)
    scores = evaluate(
        made, (("plan", ("b", "b", "a", "a")),), Evaluation("accuracy", ("roc_auc",), slices=("plan",)), nothing
    )
    assert scores.measurements == (
        Measurement("accuracy", 0.5, 4),
        Measurement("roc_auc", 0.75, 4),
        Measurement("accuracy", 0.5, 2, "plan", "a"),
        Measurement("roc_auc", 1.0, 2, "plan", "a"),
        Measurement("accuracy", 0.5, 2, "plan", "b"),
        Measurement("roc_auc", 1.0, 2, "plan", "b"),
    )
    assert Scores.from_json(scores.to_json()) == scores


def test_custom_metrics_are_asked_for_each_subset_with_its_rows() -> None:
    asked: list[int] = []

    def cost(metric: CustomMetric, rows: tuple[Json, ...]) -> float:
        asked.append(len(rows))
        return float(sum(5 for row in rows if isinstance(row, dict) and row["label"] != row["prediction"]))

    made = read_predictions(("yes", "no", "no"), ("yes", "yes", "yes"), BINARY)
    rules = Evaluation("cost", custom=(CustomMetric("cost", "costs:total", Goal.MINIMIZE),), slices=("plan",))
    scores = evaluate(made, (("plan", ("a", "b", "b")),), rules, cost)
    assert scores.value("cost") == 10
    assert scores.value("cost", "plan", "a") == 0
    assert asked == [3, 1, 2]
    assert goal_of("cost", rules) is Goal.MINIMIZE
    assert goal_of("rmse", rules) is Goal.MINIMIZE
    broken = evaluate(made, (), rules, lambda metric, rows: math.nan).measurement("cost")
    assert broken == Measurement("cost", None, 3, reason="it is not finite over these rows")


def test_a_slice_of_very_many_values_is_judged_where_most_rows_are() -> None:
    made = read_predictions(("yes",) * 300, ("yes",) * 300, BINARY)
    values = tuple(str(min(at, 150)) for at in range(300))
    scores = evaluate(made, (("id", values),), Evaluation("accuracy"), nothing)
    assert len(scores.measurements) == 1 + SLICE_VALUES
    assert scores.measurement("accuracy", "id", "150") == Measurement("accuracy", 1.0, 150, "id", "150")


def test_judging_imports_nothing_heavy_until_it_computes() -> None:
    code = (
        "import sys, mlops_ci.judging.evaluate, mlops_ci.judging.contest, mlops_ci.judging.significance; "
        "print(sorted({'numpy', 'sklearn', 'scipy'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
