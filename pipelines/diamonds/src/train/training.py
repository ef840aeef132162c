"""What every candidate does: read the channels, fit, tell how it did on validation, write the model."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from features import matrix, read_table

LABEL = "price"


def arguments(**hyperparameters: float | str) -> argparse.Namespace:
    """Return the hyperparameters of the command line; each default says the type. `seed` is always one of them."""
    parser = argparse.ArgumentParser()
    for name, default in {"seed": 0, **hyperparameters}.items():
        # SageMaker writes a name of one letter with one dash: -C 1.0
        parser.add_argument(f"-{name}" if len(name) == 1 else f"--{name}", type=type(default), default=default)
    return parser.parse_args()


def threads() -> int:
    """Return how many threads the job may use: what OMP_NUM_THREADS says, else SM_NUM_CPUS, else one."""
    return int(os.environ.get("OMP_NUM_THREADS") or os.environ.get("SM_NUM_CPUS") or 1)


def train(estimator: Any, *, log: bool = False) -> None:  # noqa: ANN401 - any scikit-learn regressor
    """Fit the estimator on the train channel and write `model.joblib`; print `validation:mae=...`.

    With `log` it learns the logarithm of the price; the file says so, and serving turns it back.
    """
    columns, rows, prices = _channel("train")
    estimator.fit(matrix(columns, rows), np.log(prices) if log else prices)
    print(f"train:rows={len(rows)}")
    if "SM_CHANNEL_VALIDATION" in os.environ:
        _, rows, prices = _channel("validation")
        found = estimator.predict(matrix(columns, rows))
        print(f"validation:mae={np.abs((np.exp(found) if log else found) - prices).mean():.2f}")
    if "n_jobs" in estimator.get_params():
        # How many threads trained is no part of the model; one request is answered faster by one.
        estimator.set_params(n_jobs=1)
    model = {"columns": columns, "estimator": estimator, "log": log}
    joblib.dump(model, Path(os.environ["SM_MODEL_DIR"]) / "model.joblib", compress=3)


def _channel(name: str) -> tuple[list[str], list[list[str]], np.ndarray]:
    """Return the columns without the label, the rows without it, and the labels."""
    header, rows = read_table(os.environ[f"SM_CHANNEL_{name.upper()}"])
    at = header.index(LABEL)
    prices = np.array([float(row[at]) for row in rows])
    return header[:at] + header[at + 1 :], [row[:at] + row[at + 1 :] for row in rows], prices
