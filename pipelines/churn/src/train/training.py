"""What every candidate does: read the channels, fit, tell how it did on validation, write the model."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from features import Encoder, read_table

LABEL = "churn"


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


def train(estimator: Any, *, one_hot: bool = False) -> None:  # noqa: ANN401 - any scikit-learn classifier
    """Fit the estimator on the train channel and write `model.joblib`; print `validation:accuracy=...`.

    The estimator learns class numbers, 0 for the first of the sorted classes; the file keeps their names.
    """
    columns, rows, labels = _channel("train")
    encoder = Encoder(columns, rows, one_hot=one_hot)
    classes = sorted(set(labels))
    estimator.fit(encoder.matrix(rows), [classes.index(label) for label in labels])
    print(f"train:rows={len(rows)}")
    if "SM_CHANNEL_VALIDATION" in os.environ:
        _, rows, labels = _channel("validation")
        found = estimator.predict(encoder.matrix(rows))
        right = np.mean([classes[int(code)] == label for code, label in zip(found, labels, strict=True)])
        print(f"validation:accuracy={right:.4f}")
    if "n_jobs" in estimator.get_params():
        # How many threads trained is no part of the model; one request is answered faster by one.
        estimator.set_params(n_jobs=1)
    model = {"encoder": encoder, "estimator": estimator, "classes": classes}
    joblib.dump(model, Path(os.environ["SM_MODEL_DIR"]) / "model.joblib")


def _channel(name: str) -> tuple[list[str], list[list[str]], list[str]]:
    """Return the columns without the label, the rows without it, and the labels."""
    header, rows = read_table(os.environ[f"SM_CHANNEL_{name.upper()}"])
    at = header.index(LABEL)
    return header[:at] + header[at + 1 :], [row[:at] + row[at + 1 :] for row in rows], [row[at] for row in rows]
