"""A project as a snapshot keeps it: plain JSON data, read without a parser of YAML."""

from __future__ import annotations

from typing import Any

from mlops_ci.model import Place, Project, Target


def remembered(data: dict[str, Any]) -> Project:
    """Return the project in the plain data that `model.effects.plain` made of one.

    Raises:
        KeyError, TypeError: it is of another form, as another version wrote it.

    """
    targets = tuple(Target(**{**t, "pass_environment": tuple(t["pass_environment"])}) for t in data["targets"])
    return Project(**{**data, "targets": targets, "places": tuple(Place(**place) for place in data["places"])})
