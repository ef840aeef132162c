"""A threshold cuts the probability of a binary problem, and of no other."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.rules.context import Context
from mlops_ci.model import Problem


def check(context: Context) -> Iterator[Diagnostic]:
    manifest, problem = context.manifest, context.model.problem
    if problem is not Problem.BINARY and manifest.given("evaluation", "threshold"):
        yield manifest.problem(
            "threshold-unfit",
            manifest.key("evaluation", "threshold"),
            f"`threshold` has no meaning for {problem.value}",
            detail="it cuts P(positive) of a binary problem",
            hint="delete it",
        )
