"""GitHub as the place of reviews: the port over its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from mlops_ci.adapters.github.asking import Api
from mlops_ci.adapters.github.checks import Checks
from mlops_ci.adapters.github.comments import Comments
from mlops_ci.adapters.github.identity import Identity
from mlops_ci.adapters.github.requests import Requests
from mlops_ci.adapters.github.waiting import Patience
from mlops_ci.adapters.github.wire import Wire
from mlops_ci.ports.reviews import Check, Commented, Proposal, Request


@dataclass(frozen=True, slots=True)
class GitHubReviews:
    """`ports.Reviews` of one repository on GitHub."""

    api: Api
    comments: Comments

    def comment(self, number: int, marker: str, body: str) -> Commented:
        return self.comments.comment(number, marker, body)

    def check(self, check: Check) -> str:
        return Checks(self.api).check(check)

    def request(self, number: int) -> Request:
        return Requests(self.api).request(number)

    def requests_of(self, commit: str) -> tuple[Request, ...]:
        return Requests(self.api).requests_of(commit)

    def propose(self, proposal: Proposal) -> Request:
        return Requests(self.api).propose(proposal)

    def approvers(self, run: str) -> tuple[str, ...]:
        path = self.api.path(f"/actions/runs/{quote(run, safe='')}/approvals")
        every = self.api.get(path, f"read who approved run {run}", "actions: read")
        logins = [str((a.get("user") or {}).get("login", "")) for a in every if a.get("state") == "approved"]
        return tuple(dict.fromkeys(filter(None, logins)))


def github_reviews(
    wire: Wire, repository: str, *, now: Callable[[], float], sleep: Callable[[float], None]
) -> GitHubReviews:
    """Return the reviews of a repository (`owner/name`). `now` gives Unix time in seconds, `sleep` takes seconds."""
    api = Api(wire, repository, Patience(now, sleep))
    return GitHubReviews(api, Comments(api, Identity(api)))
