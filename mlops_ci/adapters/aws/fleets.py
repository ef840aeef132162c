"""Fleets as batch builds of a CodeBuild project."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_ci.adapters.aws.account import Clients
from mlops_ci.adapters.aws.problems import guarded
from mlops_ci.adapters.aws.requests.fleets import batch_request
from mlops_ci.errors import ProviderError
from mlops_ci.ports.fleets import Fleet, FleetBuild, FleetState, Part

_STATES = {
    "IN_PROGRESS": FleetState.RUNNING,
    "SUCCEEDED": FleetState.SUCCEEDED,
    "STOPPED": FleetState.STOPPED,
}


@dataclass(frozen=True, slots=True)
class CodeBuildFleets:
    """The `Fleets` of a project. `buildspec` is what each build does, by its place in the repository."""

    project: str
    buildspec: str
    clients: Clients = field(default_factory=Clients, compare=False)

    def running(self, commit: str) -> str:
        """Return the id of a batch of this project that runs for a commit, empty where none does."""
        with guarded("codebuild:ListBuildBatchesForProject", self.project):
            ids = self._codebuild().list_build_batches_for_project(
                projectName=self.project, filter={"status": "IN_PROGRESS"}, sortOrder="DESCENDING"
            )["ids"]
        for batch in self._looked(ids) if ids else []:
            if commit in (batch.get("sourceVersion"), batch.get("resolvedSourceVersion")):
                return str(batch["id"])
        return ""

    def start(self, commit: str, parts: tuple[Part, ...]) -> str:
        """Start a batch, and return its id; asked for again after a broken connection it is one batch."""
        request = batch_request(self.project, commit, parts, buildspec=self.buildspec, token=str(uuid.uuid4()))
        with guarded("codebuild:StartBuildBatch", self.project):
            return str(self._codebuild().start_build_batch(**request)["buildBatch"]["id"])

    def look(self, fleet: str) -> Fleet:
        """Return where a batch is now."""
        found = self._looked([fleet])
        if not found:
            raise ProviderError(f"CodeBuild knows no batch `{fleet}`", hint="type the command again")
        groups = found[0].get("buildGroups", ())
        return Fleet(fleet, _state(found[0]["buildBatchStatus"]), tuple(_build(group) for group in groups))

    def _looked(self, ids: list[str]) -> list[dict[str, Any]]:
        with guarded("codebuild:BatchGetBuildBatches", self.project):
            return list(self._codebuild().batch_get_build_batches(ids=ids)["buildBatches"])

    def _codebuild(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return self.clients.of("codebuild")


def _build(group: Mapping[str, Any]) -> FleetBuild:
    now = group.get("currentBuildSummary") or {}
    return FleetBuild(str(group["identifier"]), _state(now.get("buildStatus", "IN_PROGRESS")), str(now.get("arn", "")))


def _state(status: str) -> FleetState:
    return _STATES.get(status, FleetState.FAILED)
