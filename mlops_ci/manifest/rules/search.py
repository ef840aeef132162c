"""A search has ranges that mean something, a budget that fits its strategy, and validation rows to score on."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import Document, did_you_mean, listed
from mlops_ci.manifest.rules.context import Context
from mlops_ci.manifest.rules.metrics import named
from mlops_ci.model import METRICS, Candidate, NumberType, Range, Scale, Search, Strategy

_MOST = 10_000
"""The most trials that a budget may name, and that a grid may have."""


def check(context: Context) -> Iterator[Diagnostic]:
    for candidate, document in context.candidates:
        search = candidate.search
        if search is None:
            continue
        for found in search.ranges:
            yield from _range(document, found)
        yield from _fixed(candidate, search, document)
        yield from _strategy(search, document)
        yield from _objective(context, candidate, search, document)
        if not search.objective:
            yield from _validation(context, document)
        if search.metric:
            yield from named(context, ("search", "metric"), search.metric, document)


def _range(document: Document, found: Range) -> Iterator[Diagnostic]:
    """Yield what is wrong with one range; a bound that is missing hides what else is wrong with it."""
    at = ("search", "ranges", found.name)
    numeric = [key for key in ("min", "max", "scale", "type") if document.given(*at, key)]
    if found.values:
        if numeric:
            yield document.problem(
                "search-range",
                document.key(*at, numeric[0]),
                f"`{found.name}` has `values`, and beside them {listed(numeric)}",
                detail="a range is either `values`, or `min`, `max` and `type`",
                hint="delete one or the other",
            )
        yield from _repeated(document, found)
        return
    missing = [key for key in ("min", "max", "type") if not document.given(*at, key)]
    if missing:
        yield document.problem(
            "search-range",
            document.key(*at),
            f"the range of `{found.name}` lacks {listed(missing)}",
            detail="a range is either `values`, or `min`, `max` and `type` (`integer` or `float`)",
            hint=f"add {listed(missing)}" if numeric else f"write `{found.name}: {{values: [...]}}`",
        )
        return
    if found.min is None or found.max is None:
        raise AssertionError("a bound that is given is a number")
    if found.min >= found.max:
        yield document.problem(
            "search-range",
            document.value(*at, "max"),
            f"nothing lies between {found.min:g} and {found.max:g}",
            detail="`max` must be above `min`",
            hint="exchange them" if found.min > found.max else "move it to `hyperparameters` if it is fixed",
        )
    if found.scale is Scale.LOG and found.min <= 0:
        yield document.problem(
            "search-range",
            document.value(*at, "min"),
            f"a logarithmic range cannot begin at {found.min:g}",
            detail="`scale: log` needs a `min` above 0",
            hint="raise it, or write `scale: linear`",
        )
    for key, bound in (("min", found.min), ("max", found.max)):
        if found.type is NumberType.INTEGER and bound != int(bound):
            yield document.problem(
                "search-range",
                document.value(*at, key),
                f"{bound:g} is no whole number",
                detail="the range is of `type: integer`",
                hint="write a whole number, or `type: float`",
            )


def _repeated(document: Document, found: Range) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for index, text in enumerate(map(json.dumps, found.values)):  # `1`, `1.0` and `true` reach a script as three
        if text in seen:
            yield document.problem(
                "search-range",
                document.value("search", "ranges", found.name, "values", index),
                f"the value `{text}` of `{found.name}` stands twice",
                hint="delete one",
            )
        seen.add(text)


def _fixed(candidate: Candidate, search: Search, document: Document) -> Iterator[Diagnostic]:
    fixed = dict(candidate.hyperparameters)
    for found in search.ranges:
        if found.name in fixed:
            yield document.problem(
                "search-fixed",
                document.key("search", "ranges", found.name),
                f"`{found.name}` is fixed under `hyperparameters`, and searched for here",
                hint="delete one of them",
            )


def _strategy(search: Search, document: Document) -> Iterator[Diagnostic]:
    if search.strategy is not Strategy.GRID:
        if search.budget.trials is None:
            yield document.problem(
                "search-trials",
                document.key("search", "budget"),
                f"a {search.strategy.value} search has no end without `trials`",
                hint="add `budget: {trials: 20}`",
            )
        return
    ranges = [found.name for found in search.ranges if not found.values]
    for name in ranges:
        yield document.problem(
            "search-grid",
            document.key("search", "ranges", name),
            f"a grid has no number of steps for the range of `{name}`",
            detail="a grid tries every combination of `values`",
            hint="list them as `values`, or choose `strategy: random`",
        )
    if document.given("search", "budget", "trials"):
        count = f", which are {search.trials} trials" if not ranges else ""
        yield document.problem(
            "search-trials",
            document.key("search", "budget", "trials"),
            f"a grid tries every combination{count}",
            hint="delete it",
        )
    if not ranges and search.trials > _MOST:
        yield document.problem(
            "search-trials",
            document.key("search", "ranges"),
            f"the grid has {search.trials} combinations",
            detail=f"a search has at most {_MOST} trials",
            hint="leave values out, or choose `strategy: random` with `budget: {trials: 100}`",
        )


def _objective(context: Context, candidate: Candidate, search: Search, document: Document) -> Iterator[Diagnostic]:
    """Yield what is wrong with a number of the training log as a score, and with its direction."""
    if not search.objective:
        if search.goal is not None:
            yield document.problem(
                "search-objective",
                document.key("search", "goal"),
                "`goal` is the direction of `objective`, which is not there",
                detail="a metric of the validation rows has its own direction",
                hint="delete it, or add `objective`",
            )
        return
    if search.metric:
        yield document.problem(
            "search-objective",
            document.key("search", "metric"),
            "a trial is scored on the validation rows, by `metric`, or by its log, by `objective`",
            hint="delete one of them",
        )
    defined = [found.name for found in candidate.metric_definitions]
    if search.objective not in defined and candidate.algorithm is None:
        expected = f"expected one of: {listed(defined)}" if defined else "the candidate has no `metric_definitions`"
        hint = "add it: `metric_definitions: [{name: loss, regex: 'loss=([0-9.]+)'}]`"
        yield document.problem(
            "search-objective",
            document.value("search", "objective"),
            f"nothing says how `{search.objective}` is read from the training log",
            detail=expected,
            hint=did_you_mean(search.objective, defined) or hint,
        )
    known = {*METRICS, *(custom.name for custom in context.model.evaluation.custom)}
    if search.goal is None and search.objective not in known:
        yield document.problem(
            "search-objective",
            document.value("search", "objective"),
            f"it is not said which direction of `{search.objective}` is better",
            hint="add `goal: minimize`, or `goal: maximize`",
        )


def _validation(context: Context, document: Document) -> Iterator[Diagnostic]:
    """Yield that there are no validation rows: a search must not choose by the rows that decide the contest."""
    model = context.model
    outputs = model.processing.pre.outputs if model.processing.pre else None
    if outputs is not None:
        is_there, hint = "validation" in outputs, "add `validation` to `processing.outputs`"
    elif model.data.channels and not model.data.path:
        channels = {channel.name for channel in model.data.channels}
        is_there, hint = "validation" in channels, "add `validation` to `data.channels`"
    else:
        is_there, hint = model.data.split.validation > 0, "give `data.split.validation` a share above 0"
    if not is_there:
        yield document.problem(
            "search-validation",
            document.key("search"),
            "there are no validation rows that a search could score on",
            detail="it never sees the test rows: they decide between the candidates",
            hint=hint,
        )
