"""What SageMaker reads by itself from the log of its built-in XGBoost, by the names that its documentation gives."""

from __future__ import annotations

import re
from collections.abc import Mapping

KNOWN = ["rmse", "logloss", "mlogloss", "error", "merror", "auc", "mae", "aucpr", "map", "ndcg"]
"""What XGBoost measures by default, by objective, and the other metrics of the built-in algorithm."""

_NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"


def log_metrics(given: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Return (name, regular expression) of each number, such as `validation:auc`, by the hyperparameters."""
    asked = str(given.get("eval_metric") or "")
    names = [name.strip() for name in asked.split(",")] if asked else KNOWN
    return tuple(
        (f"{channel}:{name}", rf".*\[[0-9]+\].*#011{channel}-{re.escape(name)}:{_NUMBER}")
        for channel in ("train", "validation")
        for name in names
    )
