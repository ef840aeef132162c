"""The target that a command works with."""

from __future__ import annotations

from mlops_ci.errors import UsageError
from mlops_ci.model import Project, Target


def chosen_target(project: Project, name: str) -> Target:
    """Return the target of that name, or the project's own where it is empty.

    Raises:
        UsageError: there is no such target.

    """
    found = project.named_target(name or project.target)
    if found is None:
        from mlops_ci.manifest.document import did_you_mean, listed

        known = [t.name for t in project.targets]
        raise UsageError(
            f"there is no target `{name or project.target}`",
            hint=did_you_mean(name, known, "add it to `mlops-ci.yaml`"),
            detail=f"the targets are {listed(known)}",
        )
    return found
