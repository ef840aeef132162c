"""A pipeline that walks the template's stages in order, and starts each build in the loopback's CodeBuild.

What it has of CodePipeline: conditions of stages, the order of actions, namespaces of exported variables, the approval
that it stops at. What it has not: artifacts (a build clones the commit that the execution is about), queues, roles.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.buildspecs.template import Stack

ENDED = 300.0
"""Seconds that a build may take here."""


def made(codebuild: Any, stack: Stack, more: dict[str, str]) -> None:  # noqa: ANN401 - a client of botocore
    """Make every project of a template; `more` are variables that only a test needs."""
    for project in stack.projects().values():
        request = {key: _lowered(project[key]) for key in ("Source", "Artifacts", "Environment", "LogsConfig", "Cache")}
        variables = request["Environment"]["environmentVariables"]
        variables += [{"name": name, "value": value} for name, value in more.items()]
        source = request["Source"]
        batch = {"buildBatchConfig": {"serviceRole": project["ServiceRole"]}} if "BuildBatchConfig" in project else {}
        codebuild.create_project(
            name=project["Name"],
            source={"type": source["type"], "buildspec": source["buildSpec"]}
            | ({"location": source["location"]} if "location" in source else {}),
            artifacts=request["Artifacts"],
            environment=request["Environment"],
            logsConfig=request["LogsConfig"],
            serviceRole=project["ServiceRole"],
            timeoutInMinutes=project["TimeoutInMinutes"],
            **batch,
        )


def _lowered(data: Any) -> Any:  # noqa: ANN401 - a part of a template, or of a request
    """Return CloudFormation's names as the API has them."""
    match data:
        case dict():
            return {key[:1].lower() + key[1:]: _lowered(value) for key, value in data.items()}
        case list():
            return [_lowered(item) for item in data]
        case _:
            return data


@dataclass(slots=True)
class Execution:
    """One execution of the pipeline for a commit. `ran` are the actions that ended, each with the id of its build."""

    codebuild: Any
    logs: Any
    stack: Stack
    location: str
    commit: str
    id: str = "execution-1"
    ran: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    spaces: dict[str, dict[str, str]] = field(default_factory=dict)

    def walk(self) -> Iterator[str]:
        """Go through the stages; what is asked of a person is given out, and going on is its yes.

        Raises:
            AssertionError: a build failed; what it says is the build.

        """
        self.spaces["codepipeline"] = {"PipelineExecutionId": self.id}
        for stage in self.stack.stages()[1:]:
            if not self._enters(stage):
                self.skipped.append(stage["Name"])
                continue
            for action in sorted(stage["Actions"], key=lambda one: one.get("RunOrder", 1)):
                if action["ActionTypeId"]["Category"] == "Approval":
                    yield self._filled(action["Configuration"]["CustomData"])
                else:
                    self._built(f"{stage['Name']}/{action['Name']}", action)

    def _enters(self, stage: dict[str, Any]) -> bool:
        rules = [rule for one in stage.get("BeforeEntry", {}).get("Conditions", ()) for rule in one["Rules"]]
        for rule in rules:
            asked = rule["Configuration"]
            found = self._filled(asked["Variable"])
            if (found == asked["Value"]) is not (asked["Operator"] == "EQ"):
                return False
        return True

    def _built(self, name: str, action: dict[str, Any]) -> None:
        asked = action["Configuration"]
        variables = json.loads(self._filled(asked.get("EnvironmentVariables", "[]")))
        build = self.codebuild.start_build(
            projectName=asked["ProjectName"],
            sourceTypeOverride="GITHUB",
            sourceLocationOverride=self.location,
            sourceVersion=self.commit,
            artifactsOverride={"type": "NO_ARTIFACTS"},
            environmentVariablesOverride=variables,
            timeoutInMinutesOverride=2000,  # of the loopback's clock, whose minutes are short
        )["build"]["id"]
        found = ended(self.codebuild, build)
        assert found["buildStatus"] == "SUCCEEDED", f"{name}\n{told(self.logs, found)}"
        self.ran.append((name, build))
        if "Namespace" in action:
            exported = found["exportedEnvironmentVariables"]
            self.spaces[action["Namespace"]] = {one["name"]: one["value"] for one in exported}

    def _filled(self, text: str) -> str:
        return re.sub(r"#\{(\w+)\.(\w+)\}", lambda found: self.spaces.get(found[1], {}).get(found[2], ""), text)


def ended(codebuild: Any, build: str) -> dict[str, Any]:  # noqa: ANN401 - a client of botocore
    """Return a build that has ended."""
    until = time.monotonic() + ENDED
    while True:
        (found,) = codebuild.batch_get_builds(ids=[build])["builds"]
        if found["buildComplete"]:
            return dict(found)
        assert time.monotonic() < until, found
        time.sleep(0.1)


def told(logs: Any, build: dict[str, Any]) -> str:  # noqa: ANN401 - a client of botocore
    """Return the log of a build."""
    place = build["logs"]
    events = logs.get_log_events(
        logGroupName=place["groupName"], logStreamName=place["streamName"], startFromHead=True
    )["events"]
    return "\n".join(event["message"] for event in events)
