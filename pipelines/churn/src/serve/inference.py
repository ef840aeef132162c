"""How the model answers: SageMaker's four handlers, from rows to `{"label": "yes", "probabilities": {...}}`.

Each row is treated alone, so joining requests changes no answer.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import joblib
from features import Row


def model_fn(model_dir: str) -> dict[str, Any]:
    """Return what training wrote: the encoder, the estimator and the names of the classes."""
    model: dict[str, Any] = joblib.load(Path(model_dir) / "model.joblib")
    return model


def input_fn(data: str | bytes, content_type: str) -> list[Row]:
    """Return the rows of a request: CSV without header, JSON Lines, or a JSON list (also below `instances`)."""
    kind = content_type.partition(";")[0].strip().lower()
    if isinstance(data, bytes):  # SageMaker's containers hand on JSON Lines as it came
        data = data.decode()
    if kind == "text/csv":
        return [row for row in csv.reader(io.StringIO(data, newline="")) if row]
    if kind in {"application/jsonlines", "application/x-ndjson"}:
        return [json.loads(line) for line in data.split("\n") if line.strip()]
    if kind == "application/json":
        found = json.loads(data)
        rows: list[Row] = found["instances"] if isinstance(found, dict) else found
        return rows
    raise ValueError(f"cannot read {content_type}")


def predict_fn(data: list[Row], model: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the likeliest class of each row, and the probability of every class."""
    classes = model["classes"]
    shares = model["estimator"].predict_proba(model["encoder"].matrix(data)).tolist()
    return [
        {"label": classes[max(range(len(row)), key=row.__getitem__)], "probabilities": dict(zip(classes, row))}  # noqa: B905 - equal by construction, and this line runs once a row
        for row in shares
    ]


def output_fn(prediction: list[dict[str, Any]], accept: str) -> tuple[str, str]:
    """Return one JSON value a row, as a list, or as JSON Lines where that is asked for."""
    if accept == "application/jsonlines":
        return "".join(f"{json.dumps(answer)}\n" for answer in prediction), accept
    return json.dumps(prediction), "application/json"
