"""CodeBuild's events, on EventBridge's default bus."""

from __future__ import annotations

import json
from typing import Any


def emit(account: str, region: str, build: dict[str, Any], phase: dict[str, Any] | None) -> None:
    """Put a build's state on the bus, or that of a phase that ended."""
    from moto.events.models import events_backends

    detail = {
        "project-name": build["projectName"],
        "build-id": build["arn"],
        "version": "1",
        "additional-information": {
            "build-number": build["buildNumber"],
            "build-complete": build["buildComplete"],
            "initiator": build["initiator"],
            "source-version": build.get("sourceVersion", ""),
            "logs": build["logs"],
            "phases": build["phases"],
        },
    }
    if phase is None:
        kind = "CodeBuild Build State Change"
        detail |= {
            "build-status": build["buildStatus"],
            "current-phase": build["currentPhase"],
            "current-phase-context": "[]",
        }
    else:
        kind = "CodeBuild Build Phase Change"
        detail |= {
            "completed-phase": phase["phaseType"],
            "completed-phase-status": phase["phaseStatus"],
            "completed-phase-duration-seconds": phase["durationInSeconds"],
            "completed-phase-context": json.dumps(phase.get("contexts", [])),
        }
    events_backends[account][region].put_events([
        {
            "Source": "aws.codebuild",
            "DetailType": kind,
            "Detail": json.dumps(detail, default=str),
            "Resources": [build["arn"]],
        }
    ])  # fmt: skip
