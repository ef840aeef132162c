"""moto calls every build a success and runs none. Here StartBuild runs its buildspec."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mlops_ci.testing.aws.builds.batches import Batches
from mlops_ci.testing.aws.builds.fleet import Fleet
from mlops_ci.testing.aws.builds.order import order_of
from mlops_ci.testing.aws.holes.build_batches import fill_batches, fill_reports
from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.patching import Patches

_CHANGEABLE = (
    "description",
    "source",
    "sourceVersion",
    "artifacts",
    "environment",
    "serviceRole",
    "timeoutInMinutes",
    "queuedTimeoutInMinutes",
    "tags",
    "vpcConfig",
    "logsConfig",
    "cache",
    "buildBatchConfig",
)


def fill(loopback: Loopback) -> Callable[[], None]:
    """Have builds run."""
    fleet, patches = Fleet(loopback), Patches()
    batches = Batches(fleet, dict(loopback.settings.repositories))
    _fill_projects(patches)
    _fill_builds(fleet, patches)
    fill_batches(batches, patches)
    fill_reports(fleet, patches)

    def end() -> None:
        patches.undo()
        batches.end()
        fleet.end()

    return end


def _project(response: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - moto's class
    from moto.codebuild.exceptions import ResourceNotFoundException

    found = response.codebuild_backend.codebuild_projects.get(name)
    if found is None:
        arn = f"arn:aws:codebuild:{response.region}:{response.current_account}:project/{name}"
        raise ResourceNotFoundException(f"Project cannot be found: {arn}")
    metadata: dict[str, Any] = found.project_metadata
    return metadata


def _fill_projects(patches: Patches) -> None:
    from moto.codebuild.exceptions import InvalidInputException
    from moto.codebuild.responses import CodeBuildResponse
    from moto.core.responses import ActionResult

    def create_project(response: Any) -> Any:  # noqa: ANN401 - moto's class
        request = json.loads(response.body)
        source = request["source"]
        if source["type"] == "NO_SOURCE" and not source.get("buildspec"):
            raise InvalidInputException("Project source type NO_SOURCE requires a buildspec")
        for part in ("source", "artifacts"):  # moto asks for a place where CodeBuild does not
            if request[part]["type"] in {"NO_SOURCE", "CODEPIPELINE"}:
                request[part]["location"] = "-"
        response.body = json.dumps(request)
        answer = moto_create(response)
        made = _project(response, request["name"])
        for part in ("source", "artifacts"):
            if made[part].get("location") == "-":
                made[part].pop("location")
        made.update({name: request[name] for name in ("buildBatchConfig",) if name in request})
        made["timeoutInMinutes"] = made["timeoutInMinutes"] or 60
        made["queuedTimeoutInMinutes"] = made["queuedTimeoutInMinutes"] or 480
        return answer

    def update_project(response: Any) -> Any:  # noqa: ANN401 - moto's class
        request = json.loads(response.body)
        found = _project(response, request["name"])
        found.update({name: request[name] for name in _CHANGEABLE if name in request})
        return ActionResult({"project": found})

    moto_create = CodeBuildResponse.create_project
    patches.put(CodeBuildResponse, "create_project", create_project)
    patches.put(CodeBuildResponse, "update_project", update_project)


def _fill_builds(fleet: Fleet, patches: Patches) -> None:
    from moto.codebuild.exceptions import InvalidInputException, ResourceNotFoundException
    from moto.codebuild.responses import CodeBuildResponse
    from moto.core.responses import ActionResult

    def start_build(response: Any) -> Any:  # noqa: ANN401 - moto's class
        request = json.loads(response.body)
        asked = order_of(_project(response, request["projectName"]), request)
        report = fleet.start(asked, response.current_account, response.region, request.get("idempotencyToken") or "")
        shown = report.shown()
        history = response.codebuild_backend.build_history[asked.project]
        if shown["id"] not in history:
            history.insert(0, shown["id"])
        return ActionResult({"build": shown})

    def batch_get_builds(response: Any) -> Any:  # noqa: ANN401 - moto's class
        found = {name: fleet.report(name) for name in json.loads(response.body)["ids"]}
        return ActionResult({
            "builds": [report.shown() for report in found.values() if report is not None],
            "buildsNotFound": [name for name, report in found.items() if report is None],
        })  # fmt: skip

    def stop_build(response: Any) -> Any:  # noqa: ANN401 - moto's class
        name = json.loads(response.body)["id"]
        if ":" not in name:
            raise InvalidInputException("Invalid build ID provided")
        report = fleet.report(name)
        if report is None:
            raise ResourceNotFoundException(f"Build {name} does not exist")
        report.stop_asked.set()
        return ActionResult({"build": report.shown()})

    for method in (start_build, batch_get_builds, stop_build):
        patches.put(CodeBuildResponse, method.__name__, method)
