"""Names become folders, tags, endpoint names and URLs, so they are short and plain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.manifest.document import Document
from mlops_ci.manifest.rules.context import Context

LONGEST = 40
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def check(context: Context) -> Iterator[Diagnostic]:
    model, manifest = context.model, context.manifest
    folder = model.folder.rsplit("/", 1)[-1]
    yield from unfit(manifest, manifest.value("name"), model.name)
    if model.name != folder:
        yield manifest.problem(
            "name-folder",
            manifest.value("name"),
            f"`{model.name}` is not the name of its folder",
            detail=f"the folder is `{model.folder}`",
            hint=f"write `name: {folder}`, or rename the folder",
        )
    for candidate, document in context.candidates:
        yield from unfit(document, Span(document.path), candidate.name)
    for environment in model.environments:
        yield from unfit(manifest, manifest.key("environments", environment.name), environment.name)


def is_fit(name: str) -> bool:
    """Return whether a model, candidate, environment or target may have this name."""
    return len(name) <= LONGEST and _NAME.fullmatch(name) is not None


def unfit(document: Document, span: Span, name: str) -> Iterator[Diagnostic]:
    """Yield what is wrong with a name that stands at `span`."""
    if is_fit(name):
        return
    better = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST].strip("-")
    yield document.problem(
        "bad-name",
        span,
        f"`{name}` is no name",
        detail=f"expected lower-case letters, digits and inner hyphens, at most {LONGEST} characters",
        hint=f"did you mean `{better}`?" if better else "",
    )
