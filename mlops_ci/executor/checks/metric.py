"""The check `metric`: the deciding metric of the endpoint's own answers is the one that was recorded."""

from __future__ import annotations

from mlops_ci.executor.checks.asking import predictions
from mlops_ci.executor.checks.finding import FAILED, INCONCLUSIVE, PASSED, Finding
from mlops_ci.executor.checks.subject import Subject

ROWS = 100
"""Rows a request."""


def check(subject: Subject) -> Finding:
    """Return whether the metric over every test row lies within `tests.tolerance` of the recorded one.

    Raises:
        MlopsError: nothing answers, an answer lacks predictions, or the metric cannot be computed of them.

    """
    name, tolerance = subject.scores.metric, subject.model.tests.tolerance
    found = subject.judge(predictions(subject, ROWS)).value(name)
    recorded = subject.scores.value(name)
    over = f"over {len(subject.rows)} test rows"
    if found is None or recorded is None:
        where = "in the records" if recorded is None else "of what is served"
        return Finding(INCONCLUSIVE, f"`{name}` {over} has no value {where}")
    # 17 digits where they differ: two numbers that print alike and yet differ would be no evidence.
    if abs(found - recorded) <= tolerance:
        return Finding(PASSED, f"`{name}` is {found:.6g} {over}, recorded {recorded:.6g} (tolerance {tolerance:g})")
    apart = abs(found - recorded)
    return Finding(
        FAILED, f"`{name}` is {found!r} {over}, recorded {recorded!r}: {apart:.3g} apart, over {tolerance:g}"
    )
