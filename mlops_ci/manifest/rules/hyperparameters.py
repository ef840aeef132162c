"""Hyperparameters leave the names alone that have a meaning of their own."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.rules.context import Context


def check(context: Context) -> Iterator[Diagnostic]:
    for candidate, document in context.candidates:
        for found in candidate.search.ranges if candidate.search else ():
            if found.name == "seed" or found.name.startswith("sagemaker_"):
                yield document.problem(
                    "reserved-hyperparameter",
                    document.key("search", "ranges", found.name),
                    f"`{found.name}` cannot be searched for",
                    detail="`seed` is a key of its own, and `sagemaker_...` belongs to SageMaker's script mode",
                    hint="delete it, or rename it",
                )
        for name, value in candidate.hyperparameters:
            if name == "seed":
                hint = f"write `seed: {value}` at the top level" if candidate.seed is None else "delete this one"
                yield document.problem(
                    "reserved-hyperparameter",
                    document.key("hyperparameters", name),
                    "`seed` is a key of its own",
                    detail="the key `seed` reaches the script as the hyperparameter of that name",
                    hint=hint,
                )
            elif name.startswith("sagemaker_"):
                yield document.problem(
                    "reserved-hyperparameter",
                    document.key("hyperparameters", name),
                    f"`{name}` is reserved",
                    detail="names that start with `sagemaker_` belong to SageMaker's script mode",
                    hint=f"did you mean `{name.removeprefix('sagemaker_')}`?",
                )
