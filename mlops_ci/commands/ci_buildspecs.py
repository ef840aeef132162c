"""The buildspecs that ship, as files of a repository: a pure function of a template and what a project says."""

from __future__ import annotations

import re

from mlops_ci.commands.ci_expressions import quoted
from mlops_ci.commands.ci_workflows import Settings

_FOLDER = re.compile(r'^( +MLOPS_CI_FOLDER: )"\."$', re.MULTILINE)

_DEFAULT = re.compile(r"^    Default: .*$", re.MULTILINE)

PIPELINE = "codepipeline.yaml"
BY_VERB = "image.yml"
"""The one that no project needs to hold: `mlops-ci image build` sends it along."""


def folder_of(settings: Settings) -> str:
    """Return the folder of the buildspecs in the repository: beside the project's file, so that projects keep apart."""
    return "buildspecs" if settings.folder == "." else f"{settings.folder}/buildspecs"


def buildspec(template: str, settings: Settings) -> str:
    """Return the text of a buildspec that works in the project's folder, unless a build's variable names another."""
    return _FOLDER.sub(lambda found: found[1] + quoted(settings.folder), template)


def pipeline(template: str, settings: Settings) -> str:
    """Return the text of the pipeline's template, whose parameters begin with what the project says."""
    known = {"Branch": settings.branch, "Folder": settings.folder, "BuildspecFolder": folder_of(settings)}
    for name, value in known.items():
        start, found, rest = template.partition(f"  {name}:\n")
        template = start + found + _DEFAULT.sub(f"    Default: {quoted(value)}".replace("\\", r"\\"), rest, count=1)
    return template
