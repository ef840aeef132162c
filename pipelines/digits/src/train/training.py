"""What every candidate does: read the channels, fit, tell how it did on validation, write the model."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from pixels import matrix, read_table

LABEL = "digit"


def arguments(**hyperparameters: float) -> argparse.Namespace:
    """Return the hyperparameters of the command line; each default says the type. `seed` is always one of them."""
    parser = argparse.ArgumentParser()
    for name, default in {"seed": 0, **hyperparameters}.items():
        # SageMaker writes a name of one letter with one dash: -C 1.0
        parser.add_argument(f"-{name}" if len(name) == 1 else f"--{name}", type=type(default), default=default)
    return parser.parse_args()


def threads() -> int:
    """Return how many threads the job may use: what OMP_NUM_THREADS says, else SM_NUM_CPUS, else one."""
    return int(os.environ.get("OMP_NUM_THREADS") or os.environ.get("SM_NUM_CPUS") or 1)


def train(estimator: Any) -> None:  # noqa: ANN401 - any scikit-learn classifier
    """Fit the estimator on the train channel and write `model.joblib`; print `validation:accuracy=...`."""
    columns, rows, labels = _channel("train")
    estimator.fit(matrix(columns, rows), labels)
    print(f"train:rows={len(rows)}")
    if "SM_CHANNEL_VALIDATION" in os.environ:
        _, rows, labels = _channel("validation")
        right = np.mean(estimator.predict(matrix(columns, rows)) == np.array(labels))
        print(f"validation:accuracy={right:.4f}")
    if "n_jobs" in estimator.get_params():
        # How many threads trained is no part of the model; one request is answered faster by one.
        estimator.set_params(n_jobs=1)
    model = {"columns": columns, "estimator": estimator}
    joblib.dump(model, Path(os.environ["SM_MODEL_DIR"]) / "model.joblib")


def _channel(name: str) -> tuple[list[str], list[list[str]], list[str]]:
    """Return the columns without the label, the rows without it, and the labels."""
    header, rows = read_table(os.environ[f"SM_CHANNEL_{name.upper()}"])
    at = header.index(LABEL)
    return header[:at] + header[at + 1 :], [row[:at] + row[at + 1 :] for row in rows], [row[at] for row in rows]
