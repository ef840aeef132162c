"""Which CI service works on candidates side by side: CodeBuild, in the project that was named or this runs in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlops_ci.errors import UsageError

if TYPE_CHECKING:
    from mlops_ci.ports.fleets import Fleets

BUILDSPEC = "buildspecs/train-candidates.yml"


def fleets(environment: Mapping[str, str], project: str, folder: str) -> Fleets:
    """Return the fleets of a CodeBuild project; `folder` is the place of mlops-ci's project in its repository.

    Raises:
        UsageError: no project is named, and this is no build of CodeBuild.

    """
    from mlops_ci.adapters.aws.account import Clients
    from mlops_ci.adapters.aws.fleets import CodeBuildFleets

    name = project or environment.get("CODEBUILD_BUILD_ID", "").partition(":")[0]
    if not name:
        raise UsageError(
            "no CodeBuild project is named, and this is no build of CodeBuild",
            hint="mlops-ci ci batch --project NAME",
        )
    buildspec = BUILDSPEC if folder in {"", "."} else f"{folder}/{BUILDSPEC}"
    return CodeBuildFleets(name, buildspec, Clients(environment.get("AWS_REGION", "")))
