"""A pattern for the training log compiles, and has a group that holds the number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.rules.context import Context


def check(context: Context) -> Iterator[Diagnostic]:
    for candidate, document in context.candidates:
        seen: set[str] = set()
        for index, definition in enumerate(candidate.metric_definitions):
            at = ("metric_definitions", index)
            if definition.name in seen:
                yield document.problem(
                    "repeated-name",
                    document.value(*at, "name"),
                    f"`{definition.name}` is defined twice",
                    hint="rename or delete one of them",
                )
            seen.add(definition.name)
            try:
                groups = re.compile(definition.regex).groups
            except (re.error, OverflowError, RecursionError) as error:
                yield document.problem(
                    "bad-pattern",
                    document.value(*at, "regex"),
                    "the pattern is no regular expression",
                    detail=str(error),
                    hint=r"escape what is meant literally, as in `\[`",
                )
                continue
            if not groups:
                yield document.problem(
                    "bad-pattern",
                    document.value(*at, "regex"),
                    "the pattern has no group that holds the number",
                    hint="put the number in brackets: `loss=([0-9.]+)`",
                )
