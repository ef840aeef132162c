"""Whether a command works for a pull request, as the CI system that started it says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from mlops_ci.errors import UsageError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_GITHUB_REF = re.compile(r"refs/pull/(\d{1,19})/")
_CODEBUILD_SOURCE = re.compile(r"pr/(\d{1,19})")


def pull_request_of(environment: Mapping[str, str], asked: str) -> str:
    """Return the id of the pull request that this command works for, fit for the name of a folder; empty for none.

    `asked` is what the command line says, and goes first. A CI system that says that it runs for a pull request without
    saying for which is believed: the id then follows from the branch's name, or is `unknown`. Nothing in the
    environment can say that it is none where something says that it is one.

    Raises:
        UsageError: what was asked for is no id.

    """
    if asked:
        if not _ID.fullmatch(asked):
            summary = f"`--pull-request` wants an id of letters, digits, `.`, `_` and `-`, got {asked!r}"
            raise UsageError(summary, hint="mlops-ci plan --pull-request 12")
        return asked
    return _github(environment) or _codebuild(environment)


def _github(environment: Mapping[str, str]) -> str:
    """Return what GitHub Actions says; a `pull_request_target` runs on the branch and has the request's own code."""
    number = _GITHUB_REF.match(environment.get("GITHUB_REF", ""))
    if number:
        return number[1]
    if environment.get("GITHUB_EVENT_NAME", "").startswith("pull_request"):
        return _unnumbered(environment.get("GITHUB_HEAD_REF", ""))
    return ""


def _codebuild(environment: Mapping[str, str]) -> str:
    for variable in ("CODEBUILD_WEBHOOK_TRIGGER", "CODEBUILD_SOURCE_VERSION"):
        number = _CODEBUILD_SOURCE.fullmatch(environment.get(variable, ""))
        if number:
            return number[1]
    if environment.get("CODEBUILD_WEBHOOK_EVENT", "").startswith("PULL_REQUEST_"):
        return _unnumbered(environment.get("CODEBUILD_WEBHOOK_HEAD_REF", ""))
    return ""


def _unnumbered(branch: str) -> str:
    """Return an id for a branch whose name may be anything."""
    return f"branch-{hashlib.sha256(branch.encode(errors='surrogateescape')).hexdigest()[:12]}" if branch else "unknown"
