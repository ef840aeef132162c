"""The diamonds example: its scripts as processes, its handlers by hand, its own tests of the endpoint."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from mlops_ci.judging.evaluate import evaluate
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.model import METRICS, Evaluation, Problem
from tests.examples.scripts import Example, HandlerEndpoint, Parts, answers, in_every_format

DIAMONDS = Example("diamonds", "data/diamonds.csv.gz", "price", every=20)
CANDIDATES = {
    "linear": ("linear", "--alpha", "1.0"),
    "forest": ("forest", "--n_estimators", "10", "--min_samples_leaf", "3"),
    "boosting": ("boosting", "--max_iter", "60", "--learning_rate", "0.1"),
    "log-boosting": ("boosting", "--max_iter", "60", "--learning_rate", "0.1", "--log", "true"),
}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    return DIAMONDS.parts(tmp_path_factory.mktemp("channels"))


@pytest.fixture(scope="module", params=CANDIDATES)
def trained(request: pytest.FixtureRequest, parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    script, *arguments = CANDIDATES[request.param]
    return DIAMONDS.train(script, tuple(arguments), parts, tmp_path_factory.mktemp("job") / "job")


@pytest.fixture
def inference(tmp_path: Path) -> Iterator[ModuleType]:
    with DIAMONDS.serving(tmp_path / "code") as module:
        yield module


def test_the_table_is_whole() -> None:
    with gzip.open(DIAMONDS.root / DIAMONDS.table, "rt") as lines:
        header, *rows = lines.read().splitlines()
    assert header == "carat,cut,color,clarity,depth,table,price,x,y,z"
    assert len(rows) == 53_940


def test_each_candidate_learns_and_what_it_answers_can_be_judged(
    trained: tuple[Path, str], parts: Parts, inference: ModuleType
) -> None:
    model_dir, log = trained
    assert 200 < float(log.split("validation:mae=")[1]) < 900
    found = answers(inference, inference.model_fn(str(model_dir)), "\n".join(parts.rows))
    made = read_predictions(tuple(found), parts.labels, Reading(Problem.REGRESSION))
    metrics = tuple(name for name, metric in METRICS.items() if Problem.REGRESSION in metric.problems)
    scores = evaluate(made, (), Evaluation("mae", metrics), lambda metric, rows: 0.0)
    assert all(measurement.value is not None for measurement in scores.measurements)
    assert (scores.value("mae") or 0) < 900
    assert (scores.value("r2") or 0) > 0.9


def test_a_row_is_answered_alike_alone_and_in_company_and_in_every_format(
    trained: tuple[Path, str], parts: Parts, inference: ModuleType
) -> None:
    model = inference.model_fn(str(trained[0]))
    rows = parts.rows[:5]
    together = answers(inference, model, "\n".join(rows))
    for content_type, body in in_every_format(model["columns"], rows):
        assert answers(inference, model, body, content_type) == pytest.approx(together)
    assert [answers(inference, model, row)[0] for row in rows] == pytest.approx(together)


def test_a_grade_that_does_not_exist_is_refused_by_name_and_an_empty_cell_is_answered(
    trained: tuple[Path, str], parts: Parts, inference: ModuleType
) -> None:
    model = inference.model_fn(str(trained[0]))
    cells = parts.rows[0].split(",")
    at = model["columns"].index("clarity")
    assert answers(inference, model, ",".join([*cells[:at], "", *cells[at + 1 :]]))[0] > 0
    with pytest.raises(ValueError, match=r"`clarity` must be one of I1, SI2, .*, got 'XX'"):
        answers(inference, model, ",".join([*cells[:at], "XX", *cells[at + 1 :]]))
    with pytest.raises(ValueError, match="`carat` must be a number, got 'heavy'"):
        answers(inference, model, ",".join(["heavy", *cells[1:]]))


def test_the_same_seed_gives_the_same_bytes(parts: Parts, tmp_path: Path) -> None:
    script, *arguments = CANDIDATES["log-boosting"]
    made = [DIAMONDS.train(script, tuple(arguments), parts, tmp_path / name)[0] for name in ("one", "two")]
    assert len({hashlib.sha256((folder / "model.joblib").read_bytes()).hexdigest() for folder in made}) == 1


def test_the_users_own_tests_hold_for_each_candidate(trained: tuple[Path, str], inference: ModuleType) -> None:
    endpoint = HandlerEndpoint(inference, inference.model_fn(str(trained[0])))
    assert DIAMONDS.run_user_tests(endpoint) == 5
