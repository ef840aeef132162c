"""Criteria: what a release must prove, judged from scores."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.judging.scores import Scores
from mlops_ci.judging.verdict import Verdict
from mlops_ci.model import Criterion


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion's verdict. `value` and `rows` are what it rests on; `evidence` says it in a sentence."""

    criterion: Criterion
    verdict: Verdict
    value: float | None
    rows: int
    evidence: str


def judge(criterion: Criterion, scores: Scores) -> Judged:
    """Return what the scores say of a criterion; both of its bounds are inclusive.

    Inconclusive where the metric was measured and is undefined there, errored where it was not measured.
    """
    subject = f"`{criterion.metric}`"
    if criterion.slice:
        subject += f" where `{criterion.slice}` is `{criterion.value}`"
    found = scores.measurement(criterion.metric, criterion.slice, criterion.value)
    if found is None:
        return Judged(criterion, Verdict.ERRORED, None, 0, f"{subject} was not measured: {_absent(criterion, scores)}")
    if found.value is None:
        evidence = f"{subject} has no value over {found.rows} rows: {found.reason}"
        return Judged(criterion, Verdict.INCONCLUSIVE, None, found.rows, evidence)
    holds = (criterion.min is None or found.value >= criterion.min) and (
        criterion.max is None or found.value <= criterion.max
    )
    evidence = f"{subject} is {said(found.value)} over {found.rows} rows, and must be {_bounds(criterion)}"
    return Judged(criterion, Verdict.PASSED if holds else Verdict.FAILED, found.value, found.rows, evidence)


def judge_all(criteria: tuple[Criterion, ...], scores: Scores) -> tuple[Judged, ...]:
    """Return what the scores say of each criterion, in their order."""
    return tuple(judge(criterion, scores) for criterion in criteria)


def said(value: float) -> str:
    """Return a score as people read it: four digits, more where fewer would say another number than is meant."""
    short = f"{value:.4g}"
    return short if abs(value) >= 10_000 or abs(float(short) - value) < 5e-5 else f"{value:.6g}"


def _absent(criterion: Criterion, scores: Scores) -> str:
    if criterion.slice and scores.measurement(criterion.metric) is not None:
        return (
            "no test row has this value"
            if any(m.slice == criterion.slice for m in scores.measurements)
            else (f"`{criterion.slice}` is no slice of the evaluation")
        )
    return "the evaluation does not compute it"


def _bounds(criterion: Criterion) -> str:
    low = [] if criterion.min is None else [f"at least {criterion.min:g}"]
    high = [] if criterion.max is None else [f"at most {criterion.max:g}"]
    return " and ".join(low + high) or "there"
