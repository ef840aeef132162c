"""What is tested on an environment before the next one opens."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.model.effects import Effect, causes

CHECKS = ("contract", "metric", "parity", "latency", "robustness", "pytest")
ENDPOINT_ONLY = ("latency", "robustness")
"""Checks that a batch run has no part in."""


@dataclass(frozen=True, slots=True)
class Latency:
    """The `percentile` of answer times of `requests` requests, `concurrency` at a time, stays below `max_ms`."""

    max_ms: float = causes(Effect.RETEST, default=1000.0)
    percentile: float = causes(Effect.RETEST, default=99.0)
    concurrency: int = causes(Effect.RETEST, default=4)
    requests: int = causes(Effect.RETEST, default=200)


@dataclass(frozen=True, slots=True)
class Checks:
    """`skip` names checks that do not run; `tolerance` is how far the endpoint's metric may lie from the recorded
    one; `pytest` lists files or folders of the user's own tests.
    """

    skip: tuple[str, ...] = causes(Effect.RETEST, default=())
    tolerance: float = causes(Effect.RETEST, default=1e-9)
    latency: Latency = causes(Effect.RETEST, default=Latency())
    pytest: tuple[str, ...] = causes(Effect.RETEST, default=())

    def wanted(self) -> tuple[str, ...]:
        """Return the names of the checks that run; `pytest` only where the manifest names files."""
        return tuple(c for c in CHECKS if c not in self.skip and (c != "pytest" or self.pytest))
