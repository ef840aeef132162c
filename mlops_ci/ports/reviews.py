"""Where people review changes: the comment and the check on a pull request, and pull requests of our own.

Everything here may be called again: what is there already is found, and made new in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from mlops_ci.diagnostics import Diagnostic

LIMIT = 65_536
"""Characters that the body of a comment, or the summary of a check, must stay below (GitHub's)."""


class Conclusion(Enum):
    """How a check ended: `neutral` is a no that blocks nobody."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Check:
    """A check on a commit: `name` tells it from others, `title` is a line, `summary` Markdown.

    The diagnostics become annotations; their paths begin at the top of the git repository.
    """

    name: str
    commit: str
    conclusion: Conclusion
    title: str
    summary: str
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Commented:
    """The comment as it stands: where it is read, and what was done: `created`, `updated`, `unchanged`."""

    url: str
    action: str


@dataclass(frozen=True, slots=True)
class Request:
    """A pull request: its number, where it is read, its head commit and branch, its labels.

    `is_fork` claims that its head is in another repository; `home` is the one that it is in (`owner/name`), empty where
    that is gone.
    """

    number: int
    url: str
    commit: str
    branch: str
    labels: tuple[str, ...] = ()
    is_fork: bool = False
    is_open: bool = True
    home: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull request of ours: a branch that was pushed already, to come into `base`; the body is Markdown."""

    branch: str
    base: str
    title: str
    body: str


class Reviews(Protocol):
    """A place of reviews. Implementations pass `tests/contracts/reviews.py`.

    Every method raises ProviderError where the place says no, or cannot be reached after several tries, and TryAgain
    where it says to come back later.
    """

    def comment(self, number: int, marker: str, body: str) -> Commented:
        """Have one comment on a pull request that begins with the marker; ours that is there is changed in place.

        `body` begins with the marker. Where the comment was deleted meanwhile, another one is made. Of several of ours
        the oldest stays, and the others are removed. A comment of somebody else that begins so is none of ours.
        """
        ...

    def check(self, check: Check) -> str:
        """Have a completed check of that name on the commit; return where it is read, empty where that is nowhere."""
        ...

    def request(self, number: int) -> Request:
        """Return a pull request."""
        ...

    def requests_of(self, commit: str) -> tuple[Request, ...]:
        """Return the open pull requests whose head is this commit, those from forks too."""
        ...

    def propose(self, proposal: Proposal) -> Request:
        """Have an open pull request from the branch, with this title and body: one that is open already is changed."""
        ...

    def approvers(self, run: str) -> tuple[str, ...]:
        """Return who let a run of the CI system into its protected environments; empty where it asked nobody."""
        ...
