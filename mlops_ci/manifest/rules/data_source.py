"""One table that we split, or channels that are split already; shares sum to 1."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.rules.context import Context
from mlops_ci.model import SIDES


def check(context: Context) -> Iterator[Diagnostic]:
    data, manifest = context.model.data, context.manifest
    if data.path and data.channels:
        yield manifest.problem(
            "data-source",
            manifest.key("data", "channels"),
            "`data` has both `path` and `channels`",
            detail="`path` is one table that is split here, `channels` are split already",
            hint="delete one of them",
        )
    elif not data.path and not data.channels:
        yield manifest.problem(
            "data-source",
            manifest.key("data"),
            "`data` says not where the rows are",
            detail="expected `path` or `channels`",
            hint="add `path: data/....csv`",
        )
    if data.channels and not data.path:
        for key in ("split", "key"):
            if manifest.given("data", key):
                yield manifest.problem(
                    "split-unused",
                    manifest.key("data", key),
                    f"`{key}` has no meaning for channels, which are split already",
                    hint="delete it, or use `path`",
                )
        return
    yield from _shares(context)


def _shares(context: Context) -> Iterator[Diagnostic]:
    manifest, split = context.manifest, context.model.data.split
    shares = (split.train, split.validation, split.test)
    total = math.fsum(shares)
    if abs(total - 1) > 1e-9:
        told = ", ".join(f"{side} {share:g}" for side, share in zip(SIDES, shares, strict=True))
        yield manifest.problem(
            "split-sum",
            manifest.key("data", "split"),
            f"the shares of the split sum to {total:g}, not to 1",
            detail=f"they are {told}",
            hint="name all three",
        )
    for side, share in zip(SIDES, shares, strict=True):
        if side != "validation" and share == 0:
            yield manifest.problem(
                "split-empty",
                manifest.value("data", "split", side),
                f"no row would be on the side `{side}`",
                hint=f"give `{side}` a share above 0",
            )
