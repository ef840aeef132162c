"""A model has candidates, and each is one thing that trains or was trained, in one software."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.manifest.document import listed
from mlops_ci.manifest.rules.context import Context

_WAYS = {
    "script": "`script` is what trains",
    "artifact": "`artifact` is a model that was trained elsewhere",
    "algorithm": "`algorithm` is one of SageMaker's, which trains without a script",
}
"""What a candidate is one of, in the order in which the last is told."""

_SOFTWARE = {
    "framework": "the framework is SageMaker's image of it",
    "image": "the image brings its own software",
    "dockerfile": "the image that is built of it brings its own software",
    "algorithm": "the algorithm is an image of its own",
}
_OF_TRAINING = ("hyperparameters", "seed", "search", "metric_definitions")


def _either(keys: list[str]) -> str:
    """Return the first two as a choice."""
    one, other = (f"{'an' if key[0] in 'aeiou' else 'a'} `{key}`" for key in keys[-2:])
    return f"{one} or {other}"


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
        ways = [key for key in _WAYS if getattr(candidate, key)]
        if len(ways) > 1:
            yield document.problem(
                "candidate-kind",
                document.key(ways[-1]),
                f"a candidate has {_either(ways)}, not both",
                detail=_WAYS[ways[-1]],
                hint="delete one of them",
            )
        elif not ways and not candidate.image and not candidate.dockerfile:
            yield document.problem(
                "candidate-kind",
                Span(document.path),
                f"the candidate `{candidate.name}` has nothing to run",
                detail="expected `script`, `algorithm`, `image`, or `artifact` for a model that was trained elsewhere",
                hint=f"add `script: src/train/{candidate.name}.py`",
            )
        software = [key for key in _SOFTWARE if getattr(candidate, key)]
        if len(software) > 1:
            yield document.problem(
                "image-and-framework",
                document.key(software[-1]),
                f"a candidate has {_either(software)}, not both",
                detail=_SOFTWARE[software[-1]],
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
