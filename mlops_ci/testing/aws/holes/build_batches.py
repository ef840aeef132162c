"""moto has no batch builds and no test reports. Here they are those of the builds that run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlops_ci.testing.aws.builds.batches import Batches
from mlops_ci.testing.aws.builds.fleet import Fleet
from mlops_ci.testing.aws.patching import Patches


def fill_batches(batches: Batches, patches: Patches) -> None:
    """Have StartBuildBatch start builds."""
    from moto.codebuild.exceptions import InvalidInputException, ResourceNotFoundException
    from moto.codebuild.responses import CodeBuildResponse
    from moto.core.responses import ActionResult

    def start_build_batch(response: Any) -> Any:  # noqa: ANN401 - moto's class
        request = json.loads(response.body)
        found = response.codebuild_backend.codebuild_projects.get(request["projectName"])
        if found is None:
            raise ResourceNotFoundException(f"Project cannot be found: {request['projectName']}")
        project: Mapping[str, Any] = found.project_metadata
        if not project.get("buildBatchConfig"):
            raise InvalidInputException("Project does not have a build batch configuration")
        made = batches.start(project, request, response.current_account, response.region)
        return ActionResult({"buildBatch": made})

    def batch_get_build_batches(response: Any) -> Any:  # noqa: ANN401 - moto's class
        found = {name: batches.shown(name) for name in json.loads(response.body)["ids"]}
        return ActionResult({
            "buildBatches": [batch for batch in found.values() if batch is not None],
            "buildBatchesNotFound": [name for name, batch in found.items() if batch is None],
        })  # fmt: skip

    def list_build_batches_for_project(response: Any) -> Any:  # noqa: ANN401 - moto's class
        request = json.loads(response.body)
        found = batches.of(request.get("projectName", ""), (request.get("filter") or {}).get("status", ""))
        return ActionResult({"ids": found if request.get("sortOrder") != "ASCENDING" else found[::-1]})

    def stop_build_batch(response: Any) -> Any:  # noqa: ANN401 - moto's class
        name = json.loads(response.body)["id"]
        found = batches.stop(name)
        if found is None:
            raise ResourceNotFoundException(f"Build batch {name} does not exist")
        return ActionResult({"buildBatch": found})

    for method in (start_build_batch, batch_get_build_batches, list_build_batches_for_project, stop_build_batch):
        patches.put(CodeBuildResponse, method.__name__, method)


def fill_reports(fleet: Fleet, patches: Patches) -> None:
    """Have the reports of builds be found."""
    from moto.codebuild.exceptions import ResourceNotFoundException
    from moto.codebuild.responses import CodeBuildResponse
    from moto.core.responses import ActionResult

    def batch_get_reports(response: Any) -> Any:  # noqa: ANN401 - moto's class
        asked = json.loads(response.body)["reportArns"]
        reports = fleet.tests.reports
        return ActionResult({
            "reports": [reports[arn] for arn in asked if arn in reports],
            "reportsNotFound": [arn for arn in asked if arn not in reports],
        })  # fmt: skip

    def describe_test_cases(response: Any) -> Any:  # noqa: ANN401 - moto's class
        request = json.loads(response.body)
        if request["reportArn"] not in fleet.tests.cases:
            raise ResourceNotFoundException(f"Report {request['reportArn']} does not exist")
        wanted = (request.get("filter") or {}).get("status", "")
        found = [case for case in fleet.tests.cases[request["reportArn"]] if wanted in ("", case["status"])]
        return ActionResult({"testCases": found})

    for method in (batch_get_reports, describe_test_cases):
        patches.put(CodeBuildResponse, method.__name__, method)
