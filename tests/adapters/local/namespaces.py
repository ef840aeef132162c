"""Whether a job here can have an `/opt/ml` of its own, and tests that run with it and without."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from mlops_ci.adapters.local.workshop import OptMl


def has_namespaces() -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    return any(subprocess.run(["unshare", flags, "true"], check=False).returncode == 0 for flags in ("-m", "-Urm"))


both = pytest.mark.parametrize(
    "opt_ml",
    [
        pytest.param(OptMl.WHERE_POSSIBLE, marks=pytest.mark.skipif(not has_namespaces(), reason="unshare is refused")),
        OptMl.NEVER,
    ],
)
