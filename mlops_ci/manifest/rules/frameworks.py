"""A framework is one that some target knows."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import did_you_mean, listed
from mlops_ci.manifest.rules.context import Context

FRAMEWORKS = ("sklearn", "xgboost", "lightgbm", "catboost", "pytorch", "tensorflow", "huggingface")
_ALIASES = {"scikit-learn": "sklearn", "torch": "pytorch", "tf": "tensorflow", "keras": "tensorflow", "xgb": "xgboost"}


def check(context: Context) -> Iterator[Diagnostic]:
    for candidate, document in context.candidates:
        framework = candidate.framework
        if framework is None or framework.name in FRAMEWORKS:
            continue
        at = ("framework", "name") if document.given("framework", "name") else ("framework",)
        alias = _ALIASES.get(framework.name.lower())
        yield document.problem(
            "unknown-framework",
            document.value(*at),
            f"there is no framework `{framework.name}`",
            detail=f"expected one of: {listed(FRAMEWORKS)}",
            hint=f"did you mean `{alias}`?"
            if alias
            else did_you_mean(framework.name, FRAMEWORKS, "leave it out, and name what you need in `requirements`"),
        )
