"""What a manifest asks for, as one of SageMaker's images or one of the user's own. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.ports.jobs import CannotRun, Software

SCRIPTED = ("pytorch", "sklearn", "tensorflow", "xgboost")
"""Frameworks whose images run a script: they have SageMaker's toolkit in them."""

INSTALLED = ("catboost", "lightgbm")
"""Frameworks of which SageMaker has no image that runs a script: they are installed into that of scikit-learn."""

ALGORITHMS = ("knn", "linear-learner", "xgboost")
"""Algorithms that train on rows of CSV with the label first; the others want formats of their own."""

_PLAIN = "sklearn"


@dataclass(frozen=True, slots=True)
class Own:
    """An image that the user names."""

    text: str


@dataclass(frozen=True, slots=True)
class Theirs:
    """An image of SageMaker's, by name and version (empty: the newest), and what is installed into it."""

    name: str
    version: str = ""
    requirements: str = ""


def chosen(asked: Software) -> Own | Theirs | CannotRun:
    """Return which image it is; a script without a framework runs in that of scikit-learn."""
    if asked.image:
        return Own(asked.image)
    if asked.algorithm is not None:
        if asked.algorithm.name not in ALGORITHMS:
            return CannotRun(
                f"algorithm `{asked.algorithm.name}` is none that trains on CSV with the label first",
                f"use one of {_listed(ALGORITHMS)}, or an `image` that trains itself",
            )
        return Theirs(asked.algorithm.name, asked.algorithm.version)
    framework = asked.framework
    if framework is None:
        return Theirs(_PLAIN, requirements=asked.requirements)
    if framework.name in SCRIPTED:
        return Theirs(framework.name, framework.version, asked.requirements)
    if framework.name in INSTALLED:
        pin = f"{framework.name}=={framework.version}.*" if framework.version else framework.name
        return Theirs(_PLAIN, requirements=f"{asked.requirements.rstrip()}\n{pin}\n".lstrip())
    return CannotRun(
        f"framework `{framework.name}` has no image of SageMaker's that runs a script",
        f"use one of {_listed((*SCRIPTED, *INSTALLED))}, or an `image` of your own",
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
