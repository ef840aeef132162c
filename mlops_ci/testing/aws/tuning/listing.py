"""The list of a tuning job's trials, as the API has it: filtered, sorted and in pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_ci.testing.aws.tuning.trial import Trial

PAGE = 10
"""Trials on a page where nobody says."""


def listed(tuning: str, trials: tuple[Trial, ...], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to ListTrainingJobsForHyperParameterTuningJob.

    Sorted by the objective, those without one are left out. Raises ValueError where the `NextToken` is none of ours.
    """
    wanted = asked.get("StatusEquals")
    found = [trial for trial in trials if wanted in {None, trial.status}]
    match asked.get("SortBy"):
        case "FinalObjectiveMetricValue":
            valued = [(trial.value, trial) for trial in found if trial.value is not None]
            found = [trial for _, trial in sorted(valued, key=lambda pair: pair[0])]
        case "Status":
            found.sort(key=lambda trial: trial.status)
        case _:
            pass  # they are in the order in which they were made, and so are their names
    if asked.get("SortOrder") == "Descending":
        found.reverse()
    token = str(asked.get("NextToken") or "0")
    if not token.isdecimal():
        raise ValueError(f"Invalid pagination token: {token}")
    start = int(token)
    end = start + int(asked.get("MaxResults") or PAGE)
    answer: dict[str, Any] = {"TrainingJobSummaries": [trial.summary(tuning) for trial in found[start:end]]}
    return answer | ({"NextToken": str(end)} if end < len(found) else {})
