"""How the model answers: SageMaker's four handlers, from rows to prices in US dollars.

Each row is treated alone, so joining requests changes no answer.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from features import Row, matrix


def model_fn(model_dir: str) -> dict[str, Any]:
    """Return what training wrote: the columns, the estimator, and whether it tells logarithms."""
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


def predict_fn(data: list[Row], model: dict[str, Any]) -> list[float]:
    """Return the price of each row, in US dollars."""
    found = model["estimator"].predict(matrix(model["columns"], data))
    prices: list[float] = (np.exp(found) if model["log"] else found).tolist()
    return prices


def output_fn(prediction: list[float], accept: str) -> tuple[str, str]:
    """Return one JSON number a row, as a list, or as JSON Lines where that is asked for."""
    if accept == "application/jsonlines":
        return "".join(f"{json.dumps(price)}\n" for price in prediction), accept
    return json.dumps(prediction), "application/json"
