"""A place to start builds and to read what they did."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.testing.aws.guard.clients import Clients

_NAMES = count(1)


@dataclass(frozen=True)
class Site:
    """The clients of a loopback that runs builds."""

    clients: Clients

    def project(self, buildspec: str | None = None, **given: Any) -> str:  # noqa: ANN401 - JSON of the API
        """Return the name of a project; without a source it needs a buildspec."""
        name = f"project-{next(_NAMES)}"
        source = given.pop("source", {"type": "NO_SOURCE"})
        asked: dict[str, Any] = {
            "name": name,
            "source": source | ({"buildspec": buildspec} if buildspec else {}),
            "artifacts": {"type": "NO_ARTIFACTS"},
            "environment": {
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
            },
            "serviceRole": "arn:aws:iam::123456789012:role/builds",
        }
        self.clients["codebuild"].create_project(**asked | given)
        return name

    def start(self, project: str, **given: Any) -> str:  # noqa: ANN401 - JSON of the API
        """Return the id of a build."""
        found: str = self.clients["codebuild"].start_build(projectName=project, **given)["build"]["id"]
        return found

    def look(self, build: str) -> dict[str, Any]:
        """Return what BatchGetBuilds says."""
        (found,) = self.clients["codebuild"].batch_get_builds(ids=[build])["builds"]
        return dict(found)

    def ended(self, build: str, within: float = 30) -> dict[str, Any]:
        """Return a build that has ended."""
        until = time.monotonic() + within
        while not (found := self.look(build))["buildComplete"]:
            assert time.monotonic() < until, found
            time.sleep(0.02)
        return found

    def built(self, project: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON of the API
        """Return a build of a project that has ended."""
        return self.ended(self.start(project, **given))

    def log(self, build: dict[str, Any]) -> list[str]:
        """Return what the commands of a build printed, without the lines of the agent."""
        logs = build["logs"]
        events = self.clients["logs"].get_log_events(
            logGroupName=logs["groupName"], logStreamName=logs["streamName"], startFromHead=True
        )["events"]
        return [event["message"] for event in events if not event["message"].startswith("[Container]")]

    def agent(self, build: dict[str, Any]) -> str:
        """Return the lines of the agent."""
        logs = build["logs"]
        events = self.clients["logs"].get_log_events(
            logGroupName=logs["groupName"], logStreamName=logs["streamName"], startFromHead=True
        )["events"]
        return "\n".join(event["message"] for event in events if event["message"].startswith("[Container]"))


def phases(build: dict[str, Any]) -> dict[str, str]:
    """Return each phase with its status."""
    return {phase["phaseType"]: phase.get("phaseStatus", "") for phase in build["phases"]}


def spec(**phases_of: list[str]) -> str:
    """Return a buildspec of commands by phase."""
    lines = ["version: 0.2", "phases:"]
    for name, commands in phases_of.items():
        lines += [f"  {name}:", "    commands:", *(f"      - |\n        {command}" for command in commands)]
    return "\n".join(lines)
