"""A project as a snapshot keeps it: plain JSON data, read without a parser of YAML."""

from __future__ import annotations

from typing import Any

from mlops_ci.model import Network, Place, Project, Target


def remembered(data: dict[str, Any]) -> Project:
    """Return the project in the plain data that `model.effects.plain` made of one.

    Raises:
        KeyError, TypeError: it is of another form, as another version wrote it.

    """
    targets = tuple(_target(target) for target in data["targets"])
    return Project(**{**data, "targets": targets, "places": tuple(Place(**place) for place in data["places"])})


def _target(data: dict[str, Any]) -> Target:
    network: dict[str, Any] = data["network"]
    groups = {name: tuple(network[name]) for name in ("subnets", "security_groups")}
    rest: dict[str, Any] = {
        "pass_environment": tuple(data["pass_environment"]),
        "network": Network(**{**network, **groups}),
        "tags": tuple((name, value) for name, value in data["tags"]),
    }
    return Target(**{**data, **rest})
