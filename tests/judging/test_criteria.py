"""Verdicts have an order, and criteria say what they rest on."""

from __future__ import annotations

from itertools import permutations

import pytest

from mlops_ci.judging.criteria import judge, said
from mlops_ci.judging.scores import Measurement, Scores
from mlops_ci.judging.verdict import Verdict, worst
from mlops_ci.model import Criterion

SCORES = Scores(
    "accuracy",
    4,
    (
        Measurement("accuracy", 0.875, 4),
        Measurement("roc_auc", None, 4, reason="no row is `yes`"),
        Measurement("accuracy", 0.5, 2, "plan", "a"),
    ),
)


def test_the_worst_verdict_wins_whatever_the_order() -> None:
    for order in permutations(Verdict):
        assert sorted(order) == [Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.ERRORED, Verdict.FAILED]
        assert worst(order) is Verdict.FAILED
    assert worst([Verdict.PASSED, Verdict.INCONCLUSIVE]) is Verdict.INCONCLUSIVE
    assert worst([]) is Verdict.PASSED


@pytest.mark.parametrize(
    ("criterion", "verdict", "evidence"),
    [
        (Criterion("accuracy", min=0.875), "passed", "`accuracy` is 0.875 over 4 rows, and must be at least 0.875"),
        (Criterion("accuracy", max=0.875), "passed", "`accuracy` is 0.875 over 4 rows, and must be at most 0.875"),
        (
            Criterion("accuracy", min=0.9, max=1),
            "failed",
            "`accuracy` is 0.875 over 4 rows, and must be at least 0.9 and at most 1",
        ),
        (Criterion("accuracy", max=0.8), "failed", "`accuracy` is 0.875 over 4 rows, and must be at most 0.8"),
        (
            Criterion("accuracy", min=0.7, slice="plan", value="a"),
            "failed",
            "`accuracy` where `plan` is `a` is 0.5 over 2 rows, and must be at least 0.7",
        ),
        (
            Criterion("accuracy", min=0.7, slice="plan", value="b"),
            "errored",
            "`accuracy` where `plan` is `b` was not measured: no test row has this value",
        ),
        (
            Criterion("accuracy", min=0.7, slice="state", value="b"),
            "errored",
            "`accuracy` where `state` is `b` was not measured: `state` is no slice of the evaluation",
        ),
        (Criterion("f1", min=0), "errored", "`f1` was not measured: the evaluation does not compute it"),
        (Criterion("roc_auc", min=0), "inconclusive", "`roc_auc` has no value over 4 rows: no row is `yes`"),
    ],
)
def test_a_criterion_is_judged_with_its_evidence(criterion: Criterion, verdict: str, evidence: str) -> None:
    made = judge(criterion, SCORES)
    assert (made.verdict.value, made.evidence) == (verdict, evidence)
    assert made.criterion is criterion


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.96484375, "0.9648"), (0.5, "0.5"), (1532.4567, "1532.46"), (123456.7, "1.235e+05"), (0.0, "0")],
)
def test_scores_are_said_short(value: float, text: str) -> None:
    assert said(value) == text
