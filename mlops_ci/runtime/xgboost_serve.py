"""SageMaker's built-in XGBoost as it serves: CSV rows in, one prediction a row out."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import xgboost


def model_fn(model_dir: str) -> xgboost.Booster:
    """Return the model that `xgboost_train` left."""
    booster = xgboost.Booster()
    booster.load_model(Path(model_dir) / "xgboost-model")
    return booster


def input_fn(data: str, content_type: str) -> Any:  # noqa: ANN401 - NumPy's
    """Return the rows of a request, in CSV or libsvm."""
    media = content_type.partition(";")[0].strip()
    if media == "text/csv":
        return np.genfromtxt(io.StringIO(data), delimiter=",", ndmin=2)
    if media in {"text/libsvm", "text/x-libsvm"}:
        return _sparse(data)
    raise ValueError(f"content type `{content_type}` is not supported, only text/csv and text/libsvm")


def predict_fn(rows: Any, model: xgboost.Booster) -> Any:  # noqa: ANN401 - NumPy's
    """Return the predictions."""
    return model.inplace_predict(rows, validate_features=False)


def output_fn(prediction: Any, accept: str) -> tuple[str, str]:  # noqa: ANN401 - NumPy's
    """Return them as the algorithm's container does: in a batch transform a line a row, whatever is asked for.

    Else JSON and JSON Lines have an object a row, and CSV has a comma between two rows.
    https://github.com/aws/sagemaker-xgboost-container, algorithm_mode/serve.py
    """
    rows = np.asarray(prediction).tolist()
    if os.environ.get("SAGEMAKER_BATCH"):
        return "".join(f"{row}\n" for row in rows), accept
    if accept == "application/json":
        return json.dumps({"predictions": [{"score": row} for row in rows]}), accept
    if accept == "application/jsonlines":
        return "".join(f"{json.dumps({'score': row})}\n" for row in rows), accept
    lines = [",".join(map(str, row)) if isinstance(row, list) else str(row) for row in rows]
    return ("\n".join(lines) + "\n" if np.ndim(prediction) > 1 else ",".join(lines)), "text/csv"


def _sparse(data: str) -> Any:  # noqa: ANN401 - NumPy's
    """Return the rows of libsvm's lines, `[label] index:value …`; what a line leaves out is missing."""
    found = [[cell.split(":") for cell in line.split() if ":" in cell] for line in data.splitlines()]
    width = 1 + max((int(index) for row in found for index, _ in row), default=0)
    rows = np.full((len(found), width), np.nan)
    for row, cells in zip(rows, found, strict=True):
        for index, value in cells:
            row[int(index)] = float(value)
    return rows
