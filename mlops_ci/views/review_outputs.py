"""What a plan means for the steps after it, as outputs of a step of GitHub Actions: words, or JSON on one line."""

from __future__ import annotations

import json

from mlops_ci.model import Json
from mlops_ci.plan.change import Plan
from mlops_ci.plan.matrix import busy_models, environments, matrix, trainings


def plan_outputs(plan: Plan | None, commit: str) -> dict[str, str]:
    """Return the outputs by their names; without a plan, where the manifests are wrong, those of an empty one."""
    jobs = matrix(plan) if plan else ()
    return {
        "changes": "true" if plan and not plan.is_empty else "false",
        "commit": commit,
        "models": _line([*busy_models(plan)] if plan else []),
        "matrix": _line({"include": [{"name": job.name, "candidates": ",".join(job.candidates)} for job in jobs]}),
        "trainings": str(len(trainings(plan)) if plan else 0),
        "environments": _line([*environments(plan)] if plan else []),
    }


def _line(data: Json) -> str:
    return json.dumps(data)
