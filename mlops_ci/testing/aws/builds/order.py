"""What a build was asked to do: the project, and what StartBuild has otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SOURCE = {
    "sourceTypeOverride": "type",
    "sourceLocationOverride": "location",
    "buildspecOverride": "buildspec",
    "gitCloneDepthOverride": "gitCloneDepth",
}
_ENVIRONMENT = {
    "environmentTypeOverride": "type",
    "imageOverride": "image",
    "computeTypeOverride": "computeType",
    "privilegedModeOverride": "privilegedMode",
    "imagePullCredentialsTypeOverride": "imagePullCredentialsType",
}


@dataclass(frozen=True, slots=True)
class Order:
    """The JSON of the API, by part."""

    project: str
    role: str
    source: Mapping[str, Any]
    version: str
    environment: Mapping[str, Any]
    artifacts: Mapping[str, Any]
    logs: Mapping[str, Any]
    minutes: int
    queued_minutes: int

    @property
    def image(self) -> str:
        """Return the image that CodeBuild would start."""
        return str(self.environment.get("image"))

    @property
    def variables(self) -> list[Mapping[str, Any]]:
        """Return the variables of project and build, those of the build last."""
        return list(self.environment.get("environmentVariables") or ())

    def codebuild(self, build: Mapping[str, Any]) -> dict[str, str]:
        """Return the variables that CodeBuild sets, but for those that need the source."""
        number = str(build["id"]).partition(":")[2]
        return {
            "CI": "true",
            "CODEBUILD_CI": "true",
            "CODEBUILD_BUILD_ARN": str(build["arn"]),
            "CODEBUILD_BUILD_ID": str(build["id"]),
            "CODEBUILD_BUILD_IMAGE": self.image,
            "CODEBUILD_BUILD_NUMBER": str(build["buildNumber"]),
            "CODEBUILD_BUILD_SUCCEEDING": "1",
            "CODEBUILD_INITIATOR": str(build["initiator"]),
            "CODEBUILD_KMS_KEY_ID": str(build["encryptionKey"]),
            "CODEBUILD_LOG_PATH": number,
            "CODEBUILD_PROJECT_ARN": str(build["arn"]).replace(":build/", ":project/").removesuffix(f":{number}"),
            "CODEBUILD_SOURCE_REPO_URL": str(self.source.get("location") or ""),
            "CODEBUILD_SOURCE_VERSION": self.version,
            "CODEBUILD_START_TIME": str(int(build["startTime"].timestamp() * 1000)),
        }

    def shown(self) -> dict[str, Any]:
        """Return what BatchGetBuilds shows of it."""
        return {
            "projectName": self.project,
            "serviceRole": self.role,
            "source": dict(self.source),
            "sourceVersion": self.version or None,
            "environment": dict(self.environment),
            "cache": {"type": "NO_CACHE"},
            "timeoutInMinutes": self.minutes,
            "queuedTimeoutInMinutes": self.queued_minutes,
            "initiator": "loopback",
            "secondarySources": [],
            "secondarySourceVersions": [],
            "secondaryArtifacts": [],
            "artifacts": {"location": ""},
            "exportedEnvironmentVariables": [],
            "reportArns": [],
        }


def order_of(project: Mapping[str, Any], request: Mapping[str, Any]) -> Order:
    """Return what a StartBuild of a project asks for."""
    environment = dict(project["environment"]) | _changed(request, _ENVIRONMENT)
    given = [
        *(environment.get("environmentVariables") or ()),
        *(request.get("environmentVariablesOverride") or ()),
    ]
    return Order(
        project=project["name"],
        role=str(request.get("serviceRoleOverride") or project["serviceRole"]),
        source=dict(project["source"]) | _changed(request, _SOURCE),
        version=str(request.get("sourceVersion") or project.get("sourceVersion") or ""),
        environment=environment | {"environmentVariables": given},
        artifacts=request.get("artifactsOverride") or project["artifacts"],
        logs=(request.get("logsConfigOverride") or project.get("logsConfig") or {}).get("cloudWatchLogs") or {},
        minutes=int(request.get("timeoutInMinutesOverride") or project.get("timeoutInMinutes") or 60),
        queued_minutes=int(
            request.get("queuedTimeoutInMinutesOverride") or project.get("queuedTimeoutInMinutes") or 480
        ),
    )


def _changed(request: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {name: request[override] for override, name in names.items() if request.get(override) is not None}
