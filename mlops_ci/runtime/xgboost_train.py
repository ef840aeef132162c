"""SageMaker's built-in XGBoost, as far as it is trained on CSV or libsvm files: run as a script, in a job.

CSV has no header, and the label first. The model is left as `xgboost-model`, which `xgboost.Booster` loads. Lines are
printed as they come out of CloudWatch, where a tab reads `#011`.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

ML = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(os.environ.get("SM_MODEL_DIR", "/opt/ml/model")).parent
OURS = {"num_round", "early_stopping_rounds", "csv_weights", "eval_metric"}


def parsed(value: str) -> Any:  # noqa: ANN401 - JSON of any kind
    """Return a hyperparameter's value."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def read(channel: Path, content_type: str) -> xgboost.DMatrix:
    """Return a channel's rows, of all its files."""
    files = sorted(path for path in channel.rglob("*") if path.is_file())
    if content_type.partition(";")[0].strip() in {"text/csv", "csv"}:
        tables = [np.loadtxt(path, delimiter=",", ndmin=2, converters=number) for path in files]
        rows = np.concatenate(tables)
        return xgboost.DMatrix(rows[:, 1:], label=rows[:, 0])
    if len(files) != 1:
        raise SystemExit(f"one libsvm file is read here, channel {channel.name} has {len(files)}")
    return xgboost.DMatrix(f"{files[0]}?format=libsvm")


def number(cell: str) -> float:
    """Return a cell's number; an empty one is missing."""
    return float(cell) if cell.strip() else float("nan")


class Lines(xgboost.callback.TrainingCallback):
    """Prints a line a round."""

    def after_iteration(self, _model: object, epoch: int, evals_log: Any) -> bool:  # noqa: ANN401 - xgboost's
        """Print the metrics of every channel."""
        told = [
            f"{channel}-{name}:{values[-1]:.5f}"
            for channel, metrics in evals_log.items()
            for name, values in metrics.items()
        ]
        print("#011".join([f"[{epoch}]", *told]), flush=True)
        return False


def main() -> None:
    """Train."""
    config = ML / "input" / "config"
    given = {name: parsed(value) for name, value in json.loads((config / "hyperparameters.json").read_text()).items()}
    channels = json.loads((config / "inputdataconfig.json").read_text())
    if "num_round" not in given:
        raise SystemExit("Required hyperparameter `num_round` is missing")
    if "train" not in channels:
        raise SystemExit("Channel `train` is missing")
    tables = {
        name: read(ML / "input" / "data" / name, channels[name].get("ContentType", "text/libsvm"))
        for name in ("train", "validation")
        if name in channels
    }
    parameters = {name: value for name, value in given.items() if name not in OURS}
    if metrics := given.get("eval_metric"):
        parameters["eval_metric"] = [name.strip() for name in str(metrics).split(",")]
    booster = xgboost.train(
        parameters,
        tables["train"],
        num_boost_round=int(given["num_round"]),
        evals=[(table, name) for name, table in tables.items()],
        early_stopping_rounds=given.get("early_stopping_rounds"),
        verbose_eval=False,
        callbacks=[Lines()],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the name has no ending, as in SageMaker
        booster.save_model(ML / "model" / "xgboost-model")


def failed(reason: str) -> None:
    """Say why, where SageMaker looks for it."""
    (ML / "output" / "failure").write_text(reason, encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except SystemExit as refusal:
        failed(f"CustomerError: {refusal}")
        raise
    except Exception as error:
        failed(f"CustomerError: {type(error).__name__}: {error}")
        raise
