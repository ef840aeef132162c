"""The request that starts a batch of CodeBuild: one build a part, each by the buildspec that trains candidates."""

from __future__ import annotations

import json
from typing import Any

from mlops_ci.ports.fleets import Part

CANDIDATES = "MLOPS_CI_CANDIDATES"
"""The variable by which a build knows its candidates."""


def batch_request(project: str, commit: str, parts: tuple[Part, ...], *, buildspec: str, token: str) -> dict[str, Any]:
    """Return the request; `buildspec` is the place of that of each build, from the top of the repository.

    The batch's own buildspec is written into the request, as JSON, which is YAML too: what a batch consists of is known
    only now, and nothing of it is in git.
    """
    tasks = [
        {
            "identifier": part.name,
            "buildspec": buildspec,
            "ignore-failure": False,
            "env": {"variables": {CANDIDATES: ",".join(part.candidates)}},
        }
        for part in parts
    ]
    return {
        "projectName": project,
        "sourceVersion": commit,
        "buildspecOverride": json.dumps({"version": 0.2, "batch": {"fast-fail": False, "build-list": tasks}}),
        "idempotencyToken": token,
    }
