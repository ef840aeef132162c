"""Environment variables have names that a process can be given, and that the contract leaves free."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import At, Document
from mlops_ci.manifest.rules.context import Context
from mlops_ci.model import Pairs

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = ("SM_", "TRAINING_JOB_")


def check(context: Context) -> Iterator[Diagnostic]:
    for document, at, variables in _sections(context):
        for name, _ in variables:
            if _NAME.fullmatch(name) is None:
                yield document.problem(
                    "variable-name",
                    document.key(*at, name),
                    f"`{name}` is no name of an environment variable",
                    detail="expected letters, digits and underscores, not starting with a digit",
                    hint=f"did you mean `{_better(name)}`?",
                )
            elif name.startswith(_RESERVED):
                yield document.problem(
                    "variable-reserved",
                    document.key(*at, name),
                    f"`{name}` is set by the container contract",
                    detail="names that start with `SM_` or `TRAINING_JOB_` tell a job about itself",
                    hint="give it another name",
                )


def _better(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name) or "NAME"
    return f"_{plain}" if plain[0].isdigit() else plain


def _sections(context: Context) -> Iterator[tuple[Document, At, Pairs]]:
    model, manifest = context.model, context.manifest
    yield manifest, ("serving", "environment"), model.serving.environment
    if model.processing.pre:
        yield manifest, ("processing", "environment"), model.processing.pre.environment
    if model.processing.post:
        yield manifest, ("processing", "post", "environment"), model.processing.post.environment
    for candidate, document in context.candidates:
        yield document, ("environment",), candidate.environment
