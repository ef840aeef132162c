"""A job's specification as its runner reads it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mlops_ci.adapters.local.handing import handed_on
from mlops_ci.adapters.local.outcome import MARK
from mlops_ci.adapters.local.threads import thread_variables
from mlops_ci.adapters.local.work import Work
from mlops_ci.adapters.local.workshop import OptMl, Workshop
from mlops_ci.model.effects import plain
from mlops_ci.runtime import jobfolder


def work_spec(work: Work, workshop: Workshop, folder: Path) -> dict[str, Any]:
    """Return what `mlops_ci.runtime.execution` reads, and under `about` what `collect` reads."""
    ours = workshop.environment
    python = Path(work.command[0])
    environment = {
        "LANG": "C.UTF-8",
        **handed_on(ours, passed=workshop.passed),
        "PATH": f"{python.parent}{os.pathsep}{ours.get('PATH', os.defpath)}",
        "TMPDIR": str(folder / jobfolder.TMP),
        "TZ": "UTC",  # as in SageMaker's containers
        "PYTHONUNBUFFERED": "1",
        "PYTHONHASHSEED": "0",  # the same inputs shall give the same bytes
        **thread_variables(workshop.threads),
        **dict(work.environment),
        MARK: str(folder),
    }
    used = environment["OMP_NUM_THREADS"]
    counted = f"{used} thread{'' if used == '1' else 's'} for numeric libraries (OMP_NUM_THREADS and others)"

    return {
        "command": list(work.command),
        "cwd": work.cwd,
        "contract": dict(work.contract),
        "environment": environment,
        "own_opt_ml": workshop.opt_ml is OptMl.WHERE_POSSIBLE,
        "max_runtime": work.max_runtime,
        "stop_grace": workshop.stop_grace,
        "metrics": [list(pair) for pair in work.metrics],
        "must_make": [product.place for product in work.products if product.is_required],
        "greeting": f"{counted}; python is {python}",
        "about": {
            "products": [[product.name, product.place, product.is_required] for product in work.products],
            "image": plain(work.image),
        },
    }
