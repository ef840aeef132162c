"""The label's values fit the problem, as far as the first rows show."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic, Severity
from mlops_ci.manifest.document import did_you_mean, listed
from mlops_ci.manifest.rules.context import Context
from mlops_ci.model import Problem


def check(context: Context) -> Iterator[Diagnostic]:
    manifest, data, problem = context.manifest, context.model.data, context.model.problem
    seen: list[str] = []
    is_whole = True
    for channel, table in context.tables:
        if channel in {"data", "train"} and data.label in table.columns:
            seen = [value for value in table.values(data.label) if value]
            is_whole = table.is_whole
    if problem is Problem.BINARY:
        yield from _binary(context, seen, is_whole)
    elif data.positive:
        yield manifest.problem(
            "positive-unfit",
            manifest.key("data", "positive"),
            f"`positive` has no meaning for {problem.value}",
            detail="only a binary problem has a positive class",
            hint="delete it",
        )
    if problem is Problem.REGRESSION:
        words = [value for value in seen if not _is_number(value)]
        if words:
            yield manifest.problem(
                "label-values",
                manifest.value("data", "label"),
                f"the label `{data.label}` is not a number everywhere",
                detail=f"found {listed(words[:5])}",
                hint="choose another `label`, or a classification `problem`",
            )


def _binary(context: Context, seen: list[str], is_whole: bool) -> Iterator[Diagnostic]:
    manifest, data = context.manifest, context.model.data
    if len(seen) > 2:
        yield manifest.problem(
            "label-values",
            manifest.value("data", "label"),
            f"the label `{data.label}` has more than two values",
            detail=f"found {listed(seen[:5])}{' ...' if len(seen) > 5 else ''}",
            hint="choose another `label`, or `problem: multiclass_classification`",
        )
        return
    if not data.positive:
        yield manifest.problem(
            "positive-missing",
            manifest.key("data"),
            "`data` says not which class counts as positive",
            detail=f"the label has {listed(seen)}" if seen else "precision, recall and the like need to know",
            hint=f'add `positive: "{seen[-1]}"`' if seen else "add `positive: ...`",
        )
    elif seen and not any(_same(value, data.positive) for value in seen):
        yield manifest.problem(
            "positive-unseen",
            manifest.value("data", "positive"),
            f"no row has the label `{data.positive}`",
            detail=f"found {listed(seen)}{'' if is_whole else ' in the first rows'}",
            hint=did_you_mean(data.positive, seen),
            severity=Severity.ERROR if is_whole or len(seen) == 2 else Severity.WARNING,
        )


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    return _is_number(one) and _is_number(other) and float(one) == float(other)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
