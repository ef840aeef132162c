"""What starts each workflow in a repository: the events that take the place of `on: workflow_call`."""

from __future__ import annotations

import re

from mlops_ci.commands.ci_expressions import quoted

KINDS = ("pull-request", "comment", "release", "operations", "drift")

ASKED = ("operation", "environment", "model", "version", "why")
"""What a person is asked who starts `operations`."""

_PULL_REQUEST = """\
on:
  pull_request:
    branches: [{branch}]
    types: [opened, synchronize, reopened, labeled]
"""
_COMMENT = """\
on:
  workflow_run: # zizmor: ignore[dangerous-triggers] the review is read as data; nothing of the fork is executed
    workflows: [{reviewing}]
    types: [completed]
"""
_RELEASE = """\
on:
  push:
    branches: [{branch}]
  workflow_dispatch:
"""
_OPERATIONS = """\
on:
  workflow_dispatch:
    inputs:
      operation:
        description: what to do
        type: choice
        required: true
        options: [rollback, release, redeploy]
      environment:
        description: staging, production, or another environment of the project
        type: string
        required: true
        default: production
      model:
        description: a model's name, or a glob
        type: string
        required: true
      version:
        description: the version to go back to, such as v3; empty, the one before
        type: string
        default: ""
      why:
        description: the reason, which is recorded
        type: string
        default: ""
"""
_DRIFT = """\
on:
  schedule:
    - cron: {cron}
  workflow_dispatch:
"""
_HEADS = {
    "pull-request": _PULL_REQUEST, "comment": _COMMENT, "release": _RELEASE, "operations": _OPERATIONS, "drift": _DRIFT,
}  # fmt: skip


def events(kind: str, branch: str, reviewing: str, cron: str) -> str:
    """Return the `on:` of a workflow of this kind; `reviewing` is the name of the workflow for pull requests."""
    return _HEADS[kind].format(branch=quoted(pattern(branch)), reviewing=quoted(reviewing), cron=quoted(cron))


def pattern(branch: str) -> str:
    """Return the filter pattern that fits this branch alone: what GitHub reads as a sign there is escaped.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
    """
    return re.sub(r"^!|[*?+\[\]\\]", lambda found: "\\" + found[0], branch)


def cron(folder: str) -> str:
    """Return when `drift` looks: each night, at a minute of the project's own, as GitHub is busy on the hour."""
    return f"{7 + sum(folder.encode()) % 46} 3 * * *"
