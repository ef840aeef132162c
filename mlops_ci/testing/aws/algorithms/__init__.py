"""Stand-ins for SageMaker's built-in algorithms, whose images are not pulled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.runtime import handlers
from mlops_ci.runtime.handlers import own_script
from mlops_ci.runtime.xgboost_metrics import log_metrics

RUNTIME = Path(handlers.__file__).parent
_XGBOOST = re.compile(r"(?:^|/)(?:sagemaker-)?xgboost(?::|@|$)")


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A built-in algorithm: the script that trains as its image does."""

    path: Path

    def metrics(self, given: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        """Return (name, regular expression) of what SageMaker reads from its log by itself."""
        return log_metrics(given)


def trainer_of(image: str) -> Algorithm | None:
    """Return what trains as this image without a script of the user's does; None where nothing here does."""
    return Algorithm(RUNTIME / "xgboost_train.py") if _XGBOOST.search(image) else None


def server_of(model: Path) -> Path | None:
    """Return the script that serves a model without one of its own; None where nothing here does."""
    return own_script(model)
