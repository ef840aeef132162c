"""A processing step has a script, and makes the channels that training and evaluation need."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import listed
from mlops_ci.manifest.rules.context import Context

_NEEDED = ("train", "test")


def check(context: Context) -> Iterator[Diagnostic]:
    manifest, processing = context.manifest, context.model.processing
    given = manifest.data.get("processing") if isinstance(manifest.data, dict) else None
    if isinstance(given, dict) and processing.pre is None:
        for key in given:
            if key != "post":
                yield manifest.problem(
                    "processing-script",
                    manifest.key("processing", key),
                    f"`processing.{key}` is given, and no `processing.script`",
                    hint="add `script: src/process/....py`, or delete it",
                )
    if processing.pre:
        missing = [name for name in _NEEDED if name not in processing.pre.outputs]
        if missing:
            yield manifest.problem(
                "processing-outputs",
                manifest.value("processing", "outputs"),
                f"the outputs lack {listed(missing)}",
                detail="the outputs are the channels: `train` and `test` are needed, `validation` is usual",
                hint=f"add {listed(missing)}",
            )
