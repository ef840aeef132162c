"""Where this machine keeps what belongs to no other: jobs, endpoints, environments, locks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from mlops_ci.errors import UsageError
from mlops_ci.model import Target
from mlops_ci.model.address import address_of

VARIABLE = "MLOPS_CI_STATE"
"""Names a folder outside of the checkout, for a machine on which each job has a fresh one."""


def state_folder(project: Path, target: Target, environment: Mapping[str, str]) -> Path:
    """Return the folder of a project's jobs, endpoints and the like: `.mlops-ci` in it, unless the environment names
    another.

    That one may be for many projects: each has a part of its own in it, which follows from its store's address, so that
    every checkout of the project finds the same.

    Raises:
        UsageError: what the environment names is no absolute path.

    """
    said = environment.get(VARIABLE, "")
    if not said:
        return project / ".mlops-ci"
    if not Path(said).is_absolute():
        raise UsageError(f"{VARIABLE} is no absolute path: `{said}`", hint=f"export {VARIABLE}=/srv/mlops-ci/state")
    store = target.store if address_of(target.store) else str((project / target.store).resolve())
    return Path(said) / hashlib.sha256(store.encode()).hexdigest()[:16]
