"""Where local jobs run, and what they may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from mlops_ci.adapters.local.runners import Runners
from mlops_ci.ports.stores import ArtifactStore


class OptMl(Enum):
    """Whether a job gets a true /opt/ml of its own."""

    WHERE_POSSIBLE = "where possible"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all local jobs share.

    `root` holds the job folders. `environment` is ours: PATH, HOME and the language are handed on, and what `passed`
    names.
    `threads` is what one job may use; `stop_grace` the seconds between SIGTERM and SIGKILL.
    """

    root: Path
    artifacts: ArtifactStore
    environment: Mapping[str, str]
    threads: int = 1
    stop_grace: float = 120.0
    opt_ml: OptMl = OptMl.WHERE_POSSIBLE
    passed: tuple[str, ...] = ()
    runners: Runners = field(default_factory=Runners, compare=False)
