"""A tie is broken by a metric that is computed, or by `name`."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.rules.context import Context
from mlops_ci.manifest.rules.criteria import computed


def check(context: Context) -> Iterator[Diagnostic]:
    for index, word in enumerate(context.model.promotion.tie_break):
        if word != "name":
            yield from computed(context, ("promotion", "tie_break", index), word)
