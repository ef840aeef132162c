"""A deployment fits into the eight hours that SageMaker gives it, and scaling has room between its bounds."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.rules.context import Context

LONGEST = 27_000
"""Seconds that the waits of a deployment may take: eight hours, less half an hour in which instances come up."""


def check(context: Context) -> Iterator[Diagnostic]:
    manifest = context.manifest
    for environment in context.model.environments:
        at = ("environments", environment.name)
        rollout, scaling = environment.rollout, environment.autoscaling
        if rollout.waits > LONGEST:
            yield manifest.problem(
                "rollout-long",
                manifest.value(*at, "rollout"),
                f"a deployment to `{environment.name}` would wait for {rollout.waits} s",
                detail=f"in {rollout.steps} steps of {rollout.interval} s, where SageMaker leaves {LONGEST} s",
                hint="write a smaller `interval`, or a larger `size`",
            )
        if scaling is not None and scaling.min > scaling.max:
            yield manifest.problem(
                "autoscaling-bounds",
                manifest.value(*at, "autoscaling", "max"),
                f"`max` is smaller than `min` ({scaling.min})",
                hint=f"write at least `max: {scaling.min}`",
            )
