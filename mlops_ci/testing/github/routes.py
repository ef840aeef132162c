"""What the API answers: method and path, the right it takes, and the function that does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mlops_ci.testing.github import checks, comments, merging, others, pulls
from mlops_ci.testing.github.asked import Asked, Reply

_TALK = ("issues", "pull_requests")
_PULLS = ("pull_requests",)
_CHECKS = ("checks",)
_PARTS = {
    "owner": "[^/]+", "name": "[^/]+", "number": r"\d+", "id": r"\d+", "ref": "[^?]+?", "label": "[^/]+",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the API. Of several rights one is enough; no right: everybody who may see the repository."""

    method: str
    path: str
    level: str
    rights: tuple[str, ...]
    answer: Callable[[Asked], Reply]

    def found(self, path: str) -> dict[str, str] | None:
        """Return the parts of a path that fits; None where it does not."""
        pattern = re.sub(r"\{(\w+)\}", lambda part: f"(?P<{part[1]}>{_PARTS[part[1]]})", self.path)
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


def _below(method: str, path: str, level: str, rights: tuple[str, ...], answer: Callable[[Asked], Reply]) -> Route:
    return Route(method, "/repos/{owner}/{name}" + path, level, rights, answer)


ROUTES = (
    Route("GET", "/user", "", (), others.user),
    Route("POST", "/graphql", "", (), others.graphql),
    Route("GET", "/rate_limit", "", (), others.rate_limit),
    _below("GET", "", "", (), others.repository),
    _below("POST", "/forks", "", (), others.forked),
    _below("GET", "/issues/{number}/comments", "read", _TALK, comments.listed),
    _below("POST", "/issues/{number}/comments", "write", _TALK, comments.created),
    _below("GET", "/issues/comments/{id}", "read", _TALK, comments.read),
    _below("PATCH", "/issues/comments/{id}", "write", _TALK, comments.updated),
    _below("DELETE", "/issues/comments/{id}", "write", _TALK, comments.deleted),
    _below("GET", "/issues/{number}/labels", "read", _TALK, others.labels),
    _below("POST", "/issues/{number}/labels", "write", _TALK, others.labelled),
    _below("DELETE", "/issues/{number}/labels/{label}", "write", _TALK, others.unlabelled),
    _below("POST", "/check-runs", "write", _CHECKS, checks.created),
    _below("GET", "/check-runs/{id}", "read", _CHECKS, checks.read),
    _below("PATCH", "/check-runs/{id}", "write", _CHECKS, checks.updated),
    _below("GET", "/check-runs/{id}/annotations", "read", _CHECKS, checks.annotated),
    _below("GET", "/commits/{ref}/check-runs", "read", _CHECKS, checks.listed),
    _below("GET", "/commits/{ref}/statuses", "read", ("statuses",), checks.statuses),
    _below("POST", "/statuses/{ref}", "write", ("statuses",), checks.stated),
    _below("GET", "/pulls", "read", _PULLS, pulls.listed),
    _below("POST", "/pulls", "write", _PULLS, pulls.created),
    _below("GET", "/pulls/{number}", "read", _PULLS, pulls.read),
    _below("PATCH", "/pulls/{number}", "write", _PULLS, pulls.updated),
    _below("PUT", "/pulls/{number}/merge", "write", ("contents",), merging.merged),
    _below("GET", "/commits/{ref}/pulls", "read", _PULLS, pulls.of_commit),
    _below("GET", "/actions/runs/{id}/approvals", "read", ("actions",), others.approvals),
)
"""Every line that the loopback has; what GitHub has besides is `404`."""
