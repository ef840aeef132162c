"""Something answers requests: the serving script, or every candidate's own image."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import listed
from mlops_ci.manifest.rules.context import Context
from mlops_ci.model import Candidate


def check(context: Context) -> Iterator[Diagnostic]:
    if context.model.serving.script:
        return
    silent = [candidate.name for candidate, _ in context.candidates if not _is_served(candidate)]
    if silent:
        manifest = context.manifest
        yield manifest.problem(
            "serving-script",
            manifest.key("serving"),
            "there is no serving script",
            detail=f"{listed(silent)} {'have' if len(silent) > 1 else 'has'} no image that could serve itself",
            hint="add `serving: {script: src/serve/inference.py}`",
        )


def _is_served(candidate: Candidate) -> bool:
    return candidate.serves_itself or bool(candidate.image or candidate.dockerfile)
