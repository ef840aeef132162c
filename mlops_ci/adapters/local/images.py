"""Which software a script will run in here: this interpreter, what is installed beside it, and what is put on top."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlops_ci.adapters.local.installed import installed, named
from mlops_ci.model import Framework
from mlops_ci.ports.jobs import CannotRun, Image, Software

ALGORITHM = "xgboost"
"""The algorithm of SageMaker's that runs here too: `runtime.xgboost_train` stands in for it."""

_NUMERIC = ("joblib", "numpy", "scikit-learn", "scipy", "threadpoolctl")
_MAIN = {
    "sklearn": ("scikit-learn",),
    "xgboost": ("xgboost", "xgboost-cpu"),
    "lightgbm": ("lightgbm",),
    "catboost": ("catboost",),
    "pytorch": ("torch",),
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
}
"""The distributions, by framework, of which one must be there."""

_BESIDE = {
    "sklearn": (*_NUMERIC, "pandas"),
    "xgboost": (*_NUMERIC, "pandas"),
    "lightgbm": (*_NUMERIC, "pandas"),
    "catboost": (*_NUMERIC, "pandas"),
    "pytorch": ("numpy",),
    "tensorflow": ("keras", "numpy"),
}
"""What else of theirs a model may depend on, where it is installed."""


@dataclass(frozen=True, slots=True)
class LocalImages:
    """An `Images` port for an interpreter: its version as `3.11`, and the folders of its distributions.

    The patch version is left out on purpose: models do not depend on it, and it would retrain all of them.
    """

    python: str
    folders: tuple[Path, ...]

    def resolve(self, asked: Software) -> Image | CannotRun:
        """Return the image that these resolve to, or why they cannot run here. Nothing is imported or installed.

        A framework's version counts as far as it is written, without SageMaker's build number: `1.4-2` is any 1.4.
        Where another one is installed it is added to the requirements, so the job gets an environment with the one
        asked for. What the requirements name is not listed in `packages`: it is known after installing.
        """
        framework, requirements = asked.algorithm or asked.framework, asked.requirements
        if asked.algorithm is not None and asked.algorithm.name != ALGORITHM:
            return CannotRun(
                f"algorithm `{asked.algorithm.name}` cannot run here: target `local` has `{ALGORITHM}` alone",
                f"use `algorithm: {ALGORITHM}`, a script, or a target in AWS with `--target`",
            )
        if asked.image:
            return CannotRun(
                f"image `{asked.image}` cannot run here: target `local` runs scripts in this machine's own Python",
                "name a `framework` instead, or choose a target that runs images with `--target`",
            )
        if framework is None:
            return Image(self.python, (), requirements)
        main = _MAIN.get(framework.name)
        if main is None:
            known = ", ".join(f"`{name}`" for name in sorted(_MAIN))
            return CannotRun(
                f"framework `{framework.name}` is not known here", f"use one of {known}, or `requirements`"
            )
        found, own = installed(self.folders), named(requirements)
        if not own & {*main}:
            version = framework.version.partition("-")[0]
            have = next(((name, found[name]) for name in main if name in found), None)
            if version and (have is None or not _is_prefix(version, have[1])):
                pin = f"{have[0] if have else main[0]}=={version}.*"
                requirements = f"{requirements.rstrip()}\n{pin}\n".lstrip()
                own = named(requirements)
            elif have is None:
                return CannotRun(f"framework `{framework.name}` is not installed here", _install_hint(framework.name))
        names = sorted({*main, *_BESIDE[framework.name]} - own)
        packages = tuple((name, found[name]) for name in names if name in found)
        return Image(self.python, packages, requirements, framework=framework)

    def serving(self, asked: Software) -> str | CannotRun:  # noqa: ARG002 - the port's
        """Return nothing: what a model was trained in here serves it."""
        return ""

    def tags(self, asked: Software) -> tuple[str, ...]:  # noqa: ARG002 - the port's
        """Return nothing: what is installed is no tag, and every survey looks at it."""
        return ()

    def digests(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Return that no tag leads anywhere here."""
        return ("",) * len(tags)


def closure(framework: Framework | None, requirements: str) -> frozenset[str]:
    """Return the names of the distributions that make up an image: the framework's, and the ones named on top."""
    name = framework.name if framework else ""
    return frozenset({*_MAIN.get(name, ()), *_BESIDE.get(name, ()), *named(requirements)})


def _is_prefix(version: str, whole: str) -> bool:
    parts = version.split(".")
    return whole.split(".")[: len(parts)] == parts


def _install_hint(framework: str) -> str:
    if framework == "xgboost":
        return "pip install 'mlops-ci[examples]', or name `xgboost-cpu` in the candidate's `requirements`"
    return f"pip install {_MAIN[framework][0]}, or name it in the candidate's `requirements`"
