"""The check `parity`: what is served answers each row as the evaluation did, one row a request or many."""

from __future__ import annotations

import json

from mlops_ci.errors import ProviderError
from mlops_ci.executor.checks.asking import ask, predictions
from mlops_ci.executor.checks.finding import FAILED, PASSED, Finding, clipped
from mlops_ci.executor.checks.subject import Batch, Live, Subject
from mlops_ci.judging.parity import differences

SAMPLE = 50
"""Rows that are sent alone."""
ROWS = 64
"""Rows a request; another number than the check `metric` sends, so that a model that looks beyond a row shows."""


def check(subject: Subject) -> Finding:
    """Return whether every answer equals the recorded prediction (numbers within a millionth); the first row that does
    not is told.

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
        differing = sorted({d.row - 1 for d in differences(found, subject.recorded[: len(found)])})
        if differing:
            first = differing[0]
            here, there = clipped(json.dumps(found[first])), clipped(json.dumps(subject.recorded[first]))
            count = f"{len(differing)} of {len(found)} rows sent {sent} differ"
            return Finding(FAILED, f"{count}, first row {first + 1}: served {here}, recorded {there}")
    return Finding(PASSED, f"{how} are answered as recorded")
