"""The digits example: its table, its scripts as processes, its handlers by hand, its own tests of the endpoint."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from mlops_ci.judging.evaluate import evaluate
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.model import METRICS, Evaluation, Problem, Split
from tests.examples.scripts import Example, HandlerEndpoint, Parts, answers, in_every_format

DIGITS = Example("digits", "data/digits.csv", "digit", drop=("stroke",), split=Split(0.6, 0.15, 0.25))
CANDIDATES = {
    "linear": ("-C", "1.0", "--max_iter", "2000"),
    "forest": ("--n_estimators", "50", "--min_samples_leaf", "1"),
    "neighbours": ("--n_neighbors", "5"),
    "network": ("--hidden", "64", "--alpha", "0.01", "--max_iter", "400"),
}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    return DIGITS.parts(tmp_path_factory.mktemp("channels"))


@pytest.fixture(scope="module", params=CANDIDATES)
def trained(request: pytest.FixtureRequest, parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return DIGITS.train(request.param, CANDIDATES[request.param], parts, tmp_path_factory.mktemp("job") / "job")


@pytest.fixture
def inference(tmp_path: Path) -> Iterator[ModuleType]:
    with DIGITS.serving(tmp_path / "code") as module:
        yield module


def test_the_table_is_what_its_script_makes_of_the_digits_that_scikit_learn_carries(tmp_path: Path) -> None:
    shutil.copy(DIGITS.root / "data" / "make.py", tmp_path)
    subprocess.run([sys.executable, "make.py"], cwd=tmp_path, check=True)
    made = (tmp_path / "digits.csv").read_text()
    assert made == (DIGITS.root / DIGITS.table).read_text()
    assert len(made.splitlines()) == 1 + 1797


def test_each_candidate_learns_and_what_it_answers_can_be_judged(
    trained: tuple[Path, str], parts: Parts, inference: ModuleType
) -> None:
    model_dir, log = trained
    assert 0.9 < float(log.split("validation:accuracy=")[1]) <= 1
    found = answers(inference, inference.model_fn(str(model_dir)), "\n".join(parts.rows))
    made = read_predictions(tuple(found), parts.labels, Reading(Problem.MULTICLASS))
    assert made.classes == tuple("0123456789")
    metrics = tuple(name for name, metric in METRICS.items() if Problem.MULTICLASS in metric.problems)
    scores = evaluate(made, (), Evaluation("accuracy", metrics), lambda metric, rows: 0.0)
    assert all(measurement.value is not None for measurement in scores.measurements)
    assert (scores.value("accuracy") or 0) > 0.93
    assert (scores.value("roc_auc") or 0) > 0.98


def test_a_row_is_answered_alike_alone_and_in_company_and_in_every_format(
    trained: tuple[Path, str], parts: Parts, inference: ModuleType
) -> None:
    model = inference.model_fn(str(trained[0]))
    rows = parts.rows[:5]
    together = answers(inference, model, "\n".join(rows))
    for content_type, body in in_every_format(model["columns"], rows):
        assert answers(inference, model, body, content_type) == together
    for row, answer in zip(rows, together, strict=True):
        (alone,) = answers(inference, model, row)
        assert alone["label"] == answer["label"]
        assert alone["probabilities"] == pytest.approx(answer["probabilities"], rel=1e-6, abs=1e-12)


def test_a_pixel_that_is_none_is_refused_by_name(
    trained: tuple[Path, str], parts: Parts, inference: ModuleType
) -> None:
    model = inference.model_fn(str(trained[0]))
    cells = parts.rows[0].split(",")
    for wrong in ("17", "-1", "", "dark", "nan"):
        with pytest.raises(ValueError, match=f"`p01` must be a number from 0 to 16, got '{wrong}'"):
            answers(inference, model, ",".join([cells[0], wrong, *cells[2:]]))


def test_the_same_seed_gives_the_same_bytes(parts: Parts, tmp_path: Path) -> None:
    made = [DIGITS.train("linear", CANDIDATES["linear"], parts, tmp_path / name)[0] for name in ("one", "two")]
    assert len({hashlib.sha256((folder / "model.joblib").read_bytes()).hexdigest() for folder in made}) == 1


def test_the_users_own_tests_hold_for_each_candidate(trained: tuple[Path, str], inference: ModuleType) -> None:
    endpoint = HandlerEndpoint(inference, inference.model_fn(str(trained[0])))
    assert DIGITS.run_user_tests(endpoint) == 4
