"""The churn example as SageMaker would run it: scripts as processes, handlers by hand, the user's endpoint tests."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mlops_ci.fingerprint.split import row_key, side
from mlops_ci.judging.evaluate import evaluate
from mlops_ci.judging.predictions import Reading, read_predictions
from mlops_ci.model import METRICS, Evaluation, Problem, Split
from mlops_ci.resources import folder

CHURN = folder("pipelines") / "churn"
CANDIDATES = {
    "linear": ("--C", "1.0", "--max_iter", "2000"),
    "forest": ("--n_estimators", "200", "--min_samples_leaf", "2"),
    "boosting": ("--max_iter", "150", "--learning_rate", "0.1"),
    "boosted_xgb": ("--n_estimators", "150", "--max_depth", "6", "--learning_rate", "0.1"),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """The channels of a split churn table, and its test rows (text, without label) with their labels."""

    channels: Path
    rows: tuple[str, ...]
    labels: tuple[str, ...]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    root = tmp_path_factory.mktemp("channels")
    with (CHURN / "data" / "churn.csv").open(newline="") as lines:
        header, *rows = csv.reader(lines)
    kept = [at for at, name in enumerate(header) if not name.endswith("_charge")]
    sides: dict[str, list[list[str]]] = defaultdict(list)
    for row in rows:
        sides[side(row_key(row), Split())].append([row[at] for at in kept])
    for name in ("train", "validation"):
        (root / name).mkdir()
        with (root / name / f"{name}.csv").open("w", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([[header[at] for at in kept], *sides[name]])
    assert header[-1] == "churn"
    return Parts(root, tuple(",".join(r[:-1]) for r in sides["test"]), tuple(r[-1] for r in sides["test"]))


def code(kind: str, to: Path) -> Path:
    """Return a code folder as jobs get it: the sources of a kind and the shared ones, without their folders."""
    to.mkdir()
    for file in (*(CHURN / "src" / kind).glob("*.py"), *(CHURN / "src" / "shared").glob("*.py")):
        (to / file.name).write_bytes(file.read_bytes())
    return to


def train(script: str, parts: Parts, to: Path) -> tuple[Path, str]:
    """Return the model's folder and the log of a training in script mode."""
    model = to / "model"
    model.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, f"{script}.py", *CANDIDATES[script], "--seed", "7"],
        cwd=code("train", to / "code"),
        env={
            "PATH": os.environ["PATH"],
            "OMP_NUM_THREADS": "1",
            "SM_MODEL_DIR": str(model),
            "SM_CHANNEL_TRAIN": str(parts.channels / "train"),
            "SM_CHANNEL_VALIDATION": str(parts.channels / "validation"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return model, done.stdout


@pytest.fixture(scope="module", params=CANDIDATES)
def trained(request: pytest.FixtureRequest, parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    if request.param == "boosted_xgb":
        pytest.importorskip("xgboost")
    return train(request.param, parts, tmp_path_factory.mktemp(request.param) / "job")


@pytest.fixture
def inference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Yield the serving script as an endpoint imports it: its own folder first, no `training` in sight."""
    home = code("serve", tmp_path / "code")
    monkeypatch.syspath_prepend(str(home))
    sys.modules.pop("features", None)
    spec = importlib.util.spec_from_file_location("inference", home / "inference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("features", None)


def answers(
    inference: ModuleType, model: dict[str, Any], body: str, content_type: str = "text/csv"
) -> list[dict[str, Any]]:
    text, accept = inference.output_fn(
        inference.predict_fn(inference.input_fn(body, content_type), model), "application/json"
    )
    assert accept == "application/json"
    found: list[dict[str, Any]] = json.loads(text)
    return found


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
    cells = [row.split(",") for row in rows]
    objects = [dict(zip(model["encoder"].columns, row, strict=True)) for row in cells]
    for content_type, body in (
        ("application/json", json.dumps(cells)),
        ("application/json", json.dumps({"instances": objects})),
        ("application/jsonlines", "\n".join(json.dumps(row) for row in cells)),
        ("application/jsonlines", "".join(f"{json.dumps(row)}\n" for row in objects)),
    ):
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
    files = [train(script, parts, tmp_path / name)[0] / "model.joblib" for name in ("one", "two")]
    assert len({hashlib.sha256(file.read_bytes()).hexdigest() for file in files}) == 1


@dataclass(frozen=True, slots=True)
class HandlerAnswer:
    """What the endpoint fixture's answers look like, from the handlers without HTTP."""

    body: list[dict[str, Any]]
    status: int = 200
    version: str = "churn/v1"

    def json(self) -> list[dict[str, Any]]:
        return self.body


@dataclass(frozen=True, slots=True)
class HandlerEndpoint:
    """The `endpoint` fixture's behaviour over the example's own handlers, without HTTP."""

    inference: ModuleType
    model: dict[str, Any]

    def invoke(self, rows: list[list[object]]) -> HandlerAnswer:
        body = "\n".join(",".join(str(cell) for cell in row) for row in rows)
        return HandlerAnswer(answers(self.inference, self.model, body))


def test_the_users_own_tests_hold_for_each_candidate(
    trained: tuple[Path, str], inference: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # the example's folder ships as it is
    spec = importlib.util.spec_from_file_location("churn_endpoint_tests", CHURN / "tests" / "test_endpoint.py")
    assert spec is not None
    assert spec.loader is not None
    tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    endpoint = HandlerEndpoint(inference, inference.model_fn(str(trained[0])))
    ran = [getattr(tests, name)(endpoint) for name in dir(tests) if name.startswith("test_")]
    assert len(ran) == 6
