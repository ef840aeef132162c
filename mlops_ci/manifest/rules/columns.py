"""Every column that a manifest names is in the header of the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.manifest.document import At, did_you_mean, excerpt, listed
from mlops_ci.manifest.rules.context import Context
from mlops_ci.manifest.table import Table
from mlops_ci.model.sources import within

_SHOWN = 12


def check(context: Context) -> Iterator[Diagnostic]:
    manifest, data = context.manifest, context.model.data
    named = tuple(_named(context))
    for channel, table in context.tables:
        yield from _duplicates(table)
        more = " ..." if len(table.columns) > _SHOWN else ""
        # An extra channel may hold anything; the sides hold rows of one shape.
        if channel not in {"data", "train", "validation", "test"}:
            continue
        is_file = within(context.model.folder, dict(data.paths())[channel]) == table.path
        if is_file and table.is_whole and not table.rows:
            place: At = ("data", "path") if channel == "data" else ("data", "channels", channel)
            yield manifest.problem(
                "no-rows",
                manifest.value(*place),
                f"`{table.path}` has no rows",
                detail="expected a header and rows below it" if table.columns else "the file is empty",
                hint=f"fill it, or type `git checkout HEAD -- {table.path}`",
            )
        if not table.columns:
            continue
        for at, column in named:
            if column in table.columns:
                continue
            yield manifest.problem(
                "unknown-column",
                manifest.value(*at),
                f"there is no column `{column}` in `{table.path}`",
                detail=f"its columns are {listed(table.columns[:_SHOWN])}{more}",
                hint=did_you_mean(column, table.columns),
            )
    for index, column in enumerate(data.drop):
        if column == data.label:
            yield manifest.problem(
                "label-dropped",
                manifest.value("data", "drop", index),
                f"the label `{column}` is dropped",
                hint="take it out of `drop`",
            )
    for at, column in named:
        if at[:2] == ("data", "key") and column == data.label:
            yield manifest.problem(
                "label-is-key",
                manifest.value(*at),
                f"the label `{column}` is a key",
                detail="a row's side of the split would follow from what is to be predicted",
                hint="take it out of `key`",
            )


def _named(context: Context) -> Iterator[tuple[At, str]]:
    data = context.model.data
    yield ("data", "label"), data.label
    for index, column in enumerate(data.drop):
        yield ("data", "drop", index), column
    is_list = context.manifest.given("data", "key", 0)
    for index, column in enumerate(data.key):
        yield (("data", "key", index) if is_list else ("data", "key")), column
    for index, column in enumerate(context.model.evaluation.slices):
        yield ("evaluation", "slices", index), column


def _duplicates(table: Table) -> Iterator[Diagnostic]:
    for column in (name for name, count in Counter(table.columns).items() if count > 1):
        header = ",".join(table.columns)
        at = header.rfind(column) + 1
        yield Diagnostic(
            "duplicate-column",
            Span(table.path, 1, at, at + len(column)),
            f"the column `{column}` stands twice in the header",
            detail="every column needs a name of its own",
            hint="rename or delete one of them",
            excerpt=excerpt(header, 1),
        )
