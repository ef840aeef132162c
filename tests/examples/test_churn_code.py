"""The churn example: its scripts as processes, its handlers by hand, its own tests of the endpoint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from mlops_ci.judging.evaluate import evaluate
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.model import METRICS, Evaluation, Problem
from tests.examples.scripts import Example, HandlerEndpoint, Parts, answers, in_every_format

CHARGES = ("total_day_charge", "total_eve_charge", "total_night_charge", "total_intl_charge")
CHURN = Example("churn", "data/churn.csv", "churn", drop=CHARGES)
CANDIDATES = {
    "linear": ("-C", "1.0", "--max_iter", "2000"),
    "forest": ("--n_estimators", "200", "--min_samples_leaf", "2"),
    "boosting": ("--max_iter", "150", "--learning_rate", "0.1"),
    "boosted_xgb": ("--n_estimators", "150", "--max_depth", "6", "--learning_rate", "0.1"),
}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    return CHURN.parts(tmp_path_factory.mktemp("channels"))


@pytest.fixture(scope="module", params=CANDIDATES)
def trained(request: pytest.FixtureRequest, parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    if request.param == "boosted_xgb":
        pytest.importorskip("xgboost")
    return CHURN.train(request.param, CANDIDATES[request.param], parts, tmp_path_factory.mktemp(request.param) / "job")


@pytest.fixture
def inference(tmp_path: Path) -> Iterator[ModuleType]:
    with CHURN.serving(tmp_path / "code") as module:
        yield module


def test_each_candidate_learns_and_answers_test_rows(
    trained: tuple[Path, str], parts: Parts, inference: ModuleType
) -> None:
    model_dir, log = trained
    assert 0.8 < float(log.split("validation:accuracy=")[1]) < 1
    found = answers(inference, inference.model_fn(str(model_dir)), "\n".join(parts.rows))
    assert len(found) == len(parts.labels)
    right = [answer["label"] == label for answer, label in zip(found, parts.labels, strict=True)]
    assert sum(right) / len(right) > 0.84
    assert all(sum(answer["probabilities"].values()) == pytest.approx(1) for answer in found)


def test_what_the_example_answers_can_be_judged(trained: tuple[Path, str], parts: Parts, inference: ModuleType) -> None:
    found = answers(inference, inference.model_fn(str(trained[0])), "\n".join(parts.rows))
    made = read_predictions(tuple(found), parts.labels, Reading(Problem.BINARY, positive="yes"))
    metrics = tuple(name for name, metric in METRICS.items() if Problem.BINARY in metric.problems)
    scores = evaluate(made, (), Evaluation("accuracy", metrics), lambda metric, rows: 0.0)
    right = [answer["label"] == label for answer, label in zip(found, parts.labels, strict=True)]
    assert scores.value("accuracy") == sum(right) / len(right)
    assert all(measurement.value is not None for measurement in scores.measurements)
    assert (scores.value("roc_auc") or 0) > 0.75


def test_a_row_is_answered_alike_alone_and_in_company_and_in_every_format(
    trained: tuple[Path, str], parts: Parts, inference: ModuleType
) -> None:
    model = inference.model_fn(str(trained[0]))
    rows = parts.rows[:20]
    together = answers(inference, model, "\n".join(rows))
    for content_type, body in in_every_format(model["encoder"].columns, rows):
        assert answers(inference, model, body, content_type) == together
    for row, answer in zip(rows, together, strict=True):
        (alone,) = answers(inference, model, row)
        assert alone["label"] == answer["label"]
        assert alone["probabilities"] == pytest.approx(answer["probabilities"], rel=1e-6)


def test_jsonlines_come_back_where_they_are_asked_for(
    trained: tuple[Path, str], parts: Parts, inference: ModuleType
) -> None:
    model = inference.model_fn(str(trained[0]))
    made = inference.predict_fn(inference.input_fn("\n".join(parts.rows[:3]), "text/csv"), model)
    text, content_type = inference.output_fn(made, "application/jsonlines")
    assert content_type == "application/jsonlines"
    assert [json.loads(line)["label"] for line in text.splitlines()] == [answer["label"] for answer in made]


def test_an_empty_cell_is_answered_and_a_word_for_a_number_is_refused_by_name(
    trained: tuple[Path, str], parts: Parts, inference: ModuleType
) -> None:
    model = inference.model_fn(str(trained[0]))
    cells = parts.rows[0].split(",")
    at = model["encoder"].columns.index("total_day_minutes")
    assert answers(inference, model, ",".join([*cells[:at], "", *cells[at + 1 :]]))[0]["label"] in {"yes", "no"}
    with pytest.raises(ValueError, match="`total_day_minutes` must be a number, got 'many'"):
        answers(inference, model, ",".join([*cells[:at], "many", *cells[at + 1 :]]))


@pytest.mark.parametrize("script", ["linear", "boosting"])
def test_the_same_seed_gives_the_same_bytes(script: str, parts: Parts, tmp_path: Path) -> None:
    made = [CHURN.train(script, CANDIDATES[script], parts, tmp_path / name)[0] for name in ("one", "two")]
    files = [folder / "model.joblib" for folder in made]
    assert len({hashlib.sha256(file.read_bytes()).hexdigest() for file in files}) == 1


def test_the_users_own_tests_hold_for_each_candidate(trained: tuple[Path, str], inference: ModuleType) -> None:
    endpoint = HandlerEndpoint(inference, inference.model_fn(str(trained[0])))
    assert CHURN.run_user_tests(endpoint) == 6
