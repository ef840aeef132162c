"""Waiting for spot capacity needs spot capacity, and time to run in."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.rules.context import Context


def check(context: Context) -> Iterator[Diagnostic]:
    for candidate, document in context.candidates:
        resources = candidate.resources
        if resources.max_wait and not resources.spot:
            yield document.problem(
                "max-wait-without-spot",
                document.key("resources", "max_wait"),
                "`max_wait` has no meaning without spot capacity",
                hint="add `spot: true`, or delete `max_wait`",
            )
        elif resources.max_wait and resources.max_wait < resources.max_runtime:
            yield document.problem(
                "max-wait-short",
                document.value("resources", "max_wait"),
                f"`max_wait` is shorter than `max_runtime` ({resources.max_runtime} s)",
                detail="it counts waiting and running together, in seconds",
                hint=f"write at least `max_wait: {resources.max_runtime}`",
            )
