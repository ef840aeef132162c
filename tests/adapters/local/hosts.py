"""A host of endpoints, the processes of one, and waiting for them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.runtime import control
from mlops_ci.runtime.control import Timings
from mlops_ci.runtime.identity import Identity


def a_host(tmp_path: Path, artifacts: FolderArtifacts, **about: object) -> LocalEndpoints:
    timings = Timings(drain=2.0)
    return LocalEndpoints(tmp_path / "endpoints", artifacts, lambda _: Path(sys.executable), timings=timings, **about)  # type: ignore[arg-type]


def processes(tmp_path: Path) -> tuple[Identity, ...]:
    """Return the supervisor of `staging/churn` and its workers."""
    return control.identities(tmp_path / "endpoints/staging/churn" / control.SUPERVISOR)


def eventually(claim: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 30
    while not claim():
        assert time.monotonic() < until, f"not within 30 s: {what}"
        time.sleep(0.02)
