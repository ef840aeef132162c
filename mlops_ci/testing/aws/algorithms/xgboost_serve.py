"""SageMaker's built-in XGBoost as it serves: CSV rows in, one prediction a row out."""

from __future__ import annotations

import io
import json
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
    """Return the rows of a request."""
    if content_type.partition(";")[0].strip() != "text/csv":
        raise ValueError(f"content type `{content_type}` is not supported, only text/csv")
    return np.genfromtxt(io.StringIO(data), delimiter=",", ndmin=2)


def predict_fn(rows: Any, model: xgboost.Booster) -> Any:  # noqa: ANN401 - NumPy's
    """Return the predictions."""
    return model.inplace_predict(rows, validate_features=False)


def output_fn(prediction: Any, accept: str) -> tuple[str, str]:  # noqa: ANN401 - NumPy's
    """Return them as CSV, a line a row, unless JSON was asked for."""
    rows = np.asarray(prediction).tolist()
    if accept == "application/json":
        key = "score" if np.ndim(prediction) == 1 else "predicted_label"
        return json.dumps({"predictions": [{key: row} for row in rows]}), accept
    lines = [",".join(map(str, row)) if isinstance(row, list) else str(row) for row in rows]
    return "\n".join(lines) + "\n", "text/csv"
