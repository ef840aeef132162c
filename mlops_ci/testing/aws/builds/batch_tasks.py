"""What a batch consists of: the tasks of a buildspec's list, graph or matrix."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ENVIRONMENT = {
    "type": "environmentTypeOverride",
    "image": "imageOverride",
    "compute-type": "computeTypeOverride",
    "privileged-mode": "privilegedModeOverride",
}


class BatchError(Exception):
    """The batch cannot be made of its buildspec; the message is the one that CodeBuild would show."""


@dataclass(frozen=True, slots=True)
class Task:
    """One build of a batch: what it is called, which others go before, and what StartBuild is asked otherwise."""

    identifier: str
    before: tuple[str, ...]
    ignores_failure: bool
    overrides: Mapping[str, Any]


def tasks_of(text: str) -> tuple[tuple[Task, ...], bool]:
    """Return the tasks of a buildspec, and whether all end where one fails. Raises BatchError."""
    import yaml

    data = yaml.safe_load(text)
    batch = data.get("batch") if isinstance(data, Mapping) else None
    if not isinstance(batch, Mapping):
        raise BatchError("YAML_FILE_ERROR: the buildspec has no batch")
    listed = batch.get("build-list") or batch.get("build-graph")
    tasks = [_task(one) for one in listed] if listed else _matrix(batch.get("build-matrix") or {})
    names = Counter(task.identifier for task in tasks)
    if not tasks or max(names.values()) > 1:
        raise BatchError("YAML_FILE_ERROR: a batch needs tasks, each with an identifier of its own")
    unknown = {name for task in tasks for name in task.before} - set(names)
    if unknown:
        raise BatchError(f"YAML_FILE_ERROR: a task depends on `{min(unknown)}`, which is none")
    return tuple(tasks), bool(batch.get("fast-fail"))


def _task(data: Mapping[str, Any]) -> Task:
    given = dict(data.get("env") or {})
    overrides: dict[str, Any] = {_ENVIRONMENT[key]: value for key, value in given.items() if key in _ENVIRONMENT}
    variables = [{"name": key, "value": str(value)} for key, value in (given.get("variables") or {}).items()]
    overrides |= {"environmentVariablesOverride": variables} if variables else {}
    overrides |= {"buildspecOverride": data["buildspec"]} if "buildspec" in data else {}
    before = tuple(data.get("depend-on") or ())
    return Task(str(data["identifier"]), before, bool(data.get("ignore-failure")), overrides)


def _matrix(data: Mapping[str, Any]) -> list[Task]:
    """Return a task for each combination of what varies."""
    static, dynamic = data.get("static") or {}, data.get("dynamic") or {}
    fixed, varied = dict(static.get("env") or {}), dict(dynamic.get("env") or {})
    kinds: dict[str, Mapping[str, Any]] = {
        "task": {"buildspec": dynamic.get("buildspec") or ()}, "variables": varied.pop("variables", {}), "env": varied,
    }  # fmt: skip
    axes = [[(kind, key, one) for one in values] for kind in kinds for key, values in kinds[kind].items() if values]
    tasks = []
    for number, chosen in enumerate(itertools.product(*axes) if axes else (), start=1):
        of = {kind: {key: one for its, key, one in chosen if its == kind} for kind in kinds}
        env = fixed | of["env"] | {"variables": dict(fixed.get("variables") or {}) | of["variables"]}
        made = {"identifier": f"build_{number}", "env": env, "ignore-failure": static.get("ignore-failure", False)}
        tasks.append(_task(made | of["task"]))
    return tasks
