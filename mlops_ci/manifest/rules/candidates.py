"""A model has candidates, and each is a script or an artifact, in a framework or an image."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.manifest.document import listed
from mlops_ci.manifest.rules.context import Context

_OF_TRAINING = ("hyperparameters", "seed", "search", "metric_definitions")


def check(context: Context) -> Iterator[Diagnostic]:
    folder = context.model.folder
    if not context.candidate_files:
        yield Diagnostic(
            "no-candidates",
            Span(context.manifest.path),
            f"`{context.model.name}` has no candidates",
            detail=f"expected one file a candidate below `{folder}/candidates`",
            hint=f"create `{folder}/candidates/first.yaml` with `script: src/train/first.py`",
        )
    for candidate, document in context.candidates:
        if candidate.script and candidate.artifact:
            yield document.problem(
                "candidate-kind",
                document.key("artifact"),
                "a candidate has a `script` or an `artifact`, not both",
                detail="`artifact` is a model that was trained elsewhere",
                hint="delete one of them",
            )
        elif not candidate.script and not candidate.artifact:
            yield document.problem(
                "candidate-kind",
                Span(document.path),
                f"the candidate `{candidate.name}` has nothing to run",
                detail="expected `script`, or `artifact` for a model that was trained elsewhere",
                hint=f"add `script: src/train/{candidate.name}.py`",
            )
        if candidate.image and candidate.framework:
            yield document.problem(
                "image-and-framework",
                document.key("image"),
                "a candidate has an `image` or a `framework`, not both",
                detail="the image brings its own software",
                hint="delete one of them",
            )
        unused = [key for key in _OF_TRAINING if document.given(key)]
        if candidate.artifact and not candidate.script and unused:
            yield document.problem(
                "artifact-unused",
                document.key(unused[0]),
                f"{listed(unused)} reach no script, because the candidate is an artifact",
                hint="delete them" if len(unused) > 1 else "delete it",
            )
