"""Stand-ins for SageMaker's built-in algorithms, whose images are not pulled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.runtime import handlers
from mlops_ci.runtime.handlers import own_script

RUNTIME = Path(handlers.__file__).parent
_XGBOOST = re.compile(r"(?:^|/)(?:sagemaker-)?xgboost(?::|@|$)")
_NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A built-in algorithm: the script that trains as its image does."""

    path: Path

    def metrics(self, given: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        """Return (name, regular expression) of what SageMaker reads from its log by itself."""
        asked = str(given.get("eval_metric") or "[a-z][a-z0-9@-]*")
        names = [name.strip() for name in asked.split(",")] if given.get("eval_metric") else KNOWN_METRICS
        return tuple(
            (f"{channel}:{name}", rf".*\[[0-9]+\].*#011{channel}-{re.escape(name)}:{_NUMBER}")
            for channel in ("train", "validation")
            for name in names
        )


KNOWN_METRICS = ["rmse", "logloss", "mlogloss", "error", "merror", "auc", "mae", "aucpr", "map", "ndcg"]
"""What XGBoost measures by default, by objective, and the other metrics of the built-in algorithm."""


def trainer_of(image: str) -> Algorithm | None:
    """Return what trains as this image without a script of the user's does; None where nothing here does."""
    return Algorithm(RUNTIME / "xgboost_train.py") if _XGBOOST.search(image) else None


def server_of(model: Path) -> Path | None:
    """Return the script that serves a model without one of its own; None where nothing here does."""
    return own_script(model)
