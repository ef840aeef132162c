"""A project with the files of CodeBuild in it."""

from __future__ import annotations

import shutil

from mlops_ci.resources import folder
from tests.e2e.tiny import Tiny


def with_builds(tiny: Tiny) -> None:
    """Put the files of CodeBuild into a project, as `init --ci codebuild` does."""
    shutil.copytree(folder("buildspecs"), tiny.folder / "buildspecs", ignore=shutil.ignore_patterns("__*"))
    (tiny.folder / "requirements-ci.txt").write_text("--no-index\nmlops-ci\n")
