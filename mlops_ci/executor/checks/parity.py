"""The check `parity`: what is served answers each row as the evaluation did, one row a request or many."""

from __future__ import annotations

import json
import math

from mlops_ci.errors import ProviderError
from mlops_ci.executor.checks.asking import ask, predictions
from mlops_ci.executor.checks.finding import FAILED, PASSED, Finding, clipped
from mlops_ci.executor.checks.subject import Batch, Live, Subject
from mlops_ci.model import Json

SAMPLE = 50
"""Rows that are sent alone."""
ROWS = 64
"""Rows a request; another number than the check `metric` sends, so that a model that looks beyond a row shows."""
RELATIVE, ABSOLUTE = 1e-6, 1e-9


def check(subject: Subject) -> Finding:
    """Return whether every answer equals the recorded prediction; the first row that differs is told.

    Raises:
        ProviderError: nothing answers, an answer lacks predictions, or so do the records.

    """
    rows = len(subject.rows)
    if len(subject.recorded) != rows:
        raise ProviderError(f"the records hold {len(subject.recorded)} predictions for {rows} test rows")
    many = predictions(subject, ROWS)
    match subject.service:
        case Live() as live:
            alone = tuple(ask(subject, live, (row,))[0] for row in subject.rows[:SAMPLE])
            how = f"{rows} rows in requests of {ROWS}, and {len(alone)} alone"
        case Batch():
            alone, how = (), f"{rows} rows in a batch run"
    for found, sent in ((many, f"among {min(rows, ROWS)}" if alone else "in a batch run"), (alone, "alone")):
        differing = [at for at, value in enumerate(found) if not equal(value, subject.recorded[at])]
        if differing:
            first = differing[0]
            here, there = clipped(json.dumps(found[first])), clipped(json.dumps(subject.recorded[first]))
            count = f"{len(differing)} of {len(found)} rows sent {sent} differ"
            return Finding(FAILED, f"{count}, first row {first + 1}: served {here}, recorded {there}")
    return Finding(PASSED, f"{how} are answered as recorded")


def equal(one: Json, other: Json) -> bool:
    """Return whether two predictions are equal: numbers within 1e-6 of the larger (or 1e-9), all else exactly."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return one == other
