"""Places that serve."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.model.effects import Effect, causes, section
from mlops_ci.model.rollout import Autoscaling, Capture, Rollout


@dataclass(frozen=True, slots=True)
class ServingResources:
    """Where the endpoint runs; not part of the package, so staging may be small and production large.

    `workers` overrides `serving.workers` where it is not 0.
    """

    instance: str = causes(Effect.REDEPLOY, default="ml.m5.large")
    count: int = causes(Effect.REDEPLOY, default=1)
    workers: int = causes(Effect.REDEPLOY, default=0)


@dataclass(frozen=True, slots=True)
class Environment:
    """A place that serves. `promotes_from` names the environment whose tests open it; empty for the first.

    `requires` names the checks that must have passed there; empty means every check that the model runs.
    """

    name: str = causes(Effect.IDENTITY)
    promotes_from: str = causes(Effect.REJUDGE, default="")
    requires: tuple[str, ...] = causes(Effect.REJUDGE, default=())
    approval: bool = causes(Effect.REJUDGE, default=False)
    resources: ServingResources = causes(Effect.REDEPLOY, default=ServingResources())
    rollout: Rollout = section(default=Rollout())
    autoscaling: Autoscaling | None = causes(Effect.REDEPLOY, default=None)
    capture: Capture | None = causes(Effect.REDEPLOY, default=None)
