"""A version is of data on S3, and says of which channel."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic, Severity
from mlops_ci.manifest.document import did_you_mean, listed
from mlops_ci.manifest.rules.context import Context
from mlops_ci.model.data import LATEST


def check(context: Context) -> Iterator[Diagnostic]:
    data, manifest = context.model.data, context.manifest
    far = [name for name, _ in data.far()]
    if not data.version:
        return
    if not far:
        yield manifest.problem(
            "version-unused",
            manifest.key("data", "version"),
            "`version` has no meaning for files of the project, which are known by their bytes",
            hint="delete it",
            severity=Severity.WARNING,
        )
        return
    for pin in data.version:
        if pin.name and pin.name not in far:
            yield manifest.problem(
                "version-channel",
                manifest.key("data", "version", pin.name),
                f"`{pin.name}` is no channel on S3",
                detail=f"expected one of: {listed(far)}",
                hint=did_you_mean(pin.name, far, f"delete it, then mlops-ci data pin {context.model.name}"),
            )
        elif not pin.name and pin.version != LATEST and len(far) > 1:
            yield manifest.problem(
                "version-channel",
                manifest.value("data", "version"),
                "one version stands for several channels",
                detail=f"each has its own: {listed(far)}",
                hint=f"delete it, then mlops-ci data pin {context.model.name}",
            )
