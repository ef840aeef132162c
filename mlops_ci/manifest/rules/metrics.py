"""Every metric that is named exists, fits the problem, and a custom one has its function."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import At, Document, did_you_mean, listed
from mlops_ci.manifest.rules.context import Context
from mlops_ci.model import METRICS
from mlops_ci.model.sources import placed

_FUNCTION = re.compile(r"([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*):([A-Za-z_][A-Za-z0-9_]*)")


def check(context: Context) -> Iterator[Diagnostic]:
    evaluation = context.model.evaluation
    yield from named(context, ("evaluation", "metric"), evaluation.metric)
    for index, metric in enumerate(evaluation.metrics):
        yield from named(context, ("evaluation", "metrics", index), metric)
    yield from _custom(context)


def named(context: Context, at: At, metric: str, document: Document | None = None) -> Iterator[Diagnostic]:
    """Yield what is wrong with a metric's name that stands at `at` of the manifest, or of another document."""
    model, manifest = context.model, document or context.manifest
    custom = {found.name for found in model.evaluation.custom}
    if metric in custom:
        return
    fitting = [name for name, known in METRICS.items() if model.problem in known.problems]
    if metric not in METRICS:
        yield manifest.problem(
            "unknown-metric",
            manifest.value(*at),
            f"there is no metric `{metric}`",
            detail=f"expected one of: {listed([*fitting, *sorted(custom)])}",
            hint=did_you_mean(metric, [*fitting, *custom]) or did_you_mean(metric, METRICS),
        )
    elif metric not in fitting:
        yield manifest.problem(
            "metric-unfit",
            manifest.value(*at),
            f"`{metric}` is no metric of {model.problem.value}",
            detail=f"expected one of: {listed([*fitting, *sorted(custom)])}",
            hint=f"did you mean `{fitting[0]}`?",
        )


def _custom(context: Context) -> Iterator[Diagnostic]:
    model, manifest = context.model, context.manifest
    code = {path for path, _ in placed(model.evaluation.sources, context.files)}
    for metric in model.evaluation.custom:
        at = ("evaluation", "custom", metric.name)
        if metric.name in METRICS:
            yield manifest.problem(
                "metric-redefined",
                manifest.key(*at),
                f"`{metric.name}` is a metric of ours",
                hint="give yours another name",
            )
        found = _FUNCTION.fullmatch(metric.function)
        if found is None:
            yield manifest.problem(
                "metric-function",
                manifest.value(*at, "function"),
                f"`{metric.function}` names no function",
                detail="expected `module:function`",
                hint=f"did you mean `{metric.function.replace('.py', '').replace('/', '.').replace('::', ':')}`?"
                if ":" in metric.function
                else f"write `{metric.function.rsplit('.', 1)[0]}:...`",
            )
            continue
        module = found.group(1).replace(".", "/")
        modules = [path.removesuffix(".py").removesuffix("/__init__") for path in code if path.endswith(".py")]
        if module not in modules:
            yield manifest.problem(
                "metric-function",
                manifest.value(*at, "function"),
                f"there is no module `{found.group(1)}` below the metric sources",
                detail=f"looked in {listed(model.evaluation.sources)}",
                hint=did_you_mean(
                    found.group(1), [name.replace("/", ".") for name in modules], "add its folder to `sources`"
                ),
            )
