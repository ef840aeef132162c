"""A place of reviews in memory, for tests of what speaks with one; it passes the contract suite too."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mlops_ci.errors import ProviderError
from mlops_ci.ports.reviews import Check, Commented, Proposal, Request

HOST = "https://reviews.example"


@dataclass(slots=True)
class Note:
    """A comment, and who wrote it."""

    id: int
    author: str
    body: str


@dataclass(slots=True)
class Board:
    """What everybody sees: comments by pull request, checks by name and commit, pull requests, approvals by run."""

    notes: dict[int, list[Note]] = field(default_factory=dict)
    checks: dict[tuple[str, str], Check] = field(default_factory=dict)
    requests: dict[int, Request] = field(default_factory=dict)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    approvals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    commits: dict[str, str] = field(default_factory=dict)
    """The commit of each branch that can be proposed."""
    last: int = 0

    def number(self) -> int:
        self.last += 1
        return self.last

    def open(self, commit: str, branch: str, *, labels: tuple[str, ...] = (), is_fork: bool = False) -> Request:
        """Return a new pull request of somebody's."""
        number = self.number()
        self.requests[number] = Request(number, f"{HOST}/pull/{number}", commit, branch, labels, is_fork)
        return self.requests[number]

    def bodies(self, number: int) -> list[str]:
        return [note.body for note in self.notes.get(number, ())]


@dataclass(slots=True)
class MemoryReviews:
    """`ports.Reviews` of one author on a board."""

    board: Board = field(default_factory=Board)
    author: str = "us"

    def comment(self, number: int, marker: str, body: str) -> Commented:
        self.request(number)
        notes = self.board.notes.setdefault(number, [])
        ours = [n for n in notes if n.author == self.author and n.body.partition("\n")[0] == marker]
        if not ours:
            ours = [Note(self.board.number(), self.author, body)]
            notes += ours
            action = "created"
        else:
            action = "unchanged" if ours[0].body == body else "updated"
            ours[0].body = body
        notes[:] = [note for note in notes if note not in ours[1:]]
        return Commented(f"{HOST}/pull/{number}#{ours[0].id}", action)

    def check(self, check: Check) -> str:
        self.board.checks[check.name, check.commit] = check
        return f"{HOST}/checks/{check.name}/{check.commit}"

    def request(self, number: int) -> Request:
        if number not in self.board.requests:
            raise ProviderError(f"there is no pull request {number}", hint="look at the number")
        return self.board.requests[number]

    def requests_of(self, commit: str) -> tuple[Request, ...]:
        return tuple(r for r in self.board.requests.values() if r.commit == commit and r.is_open)

    def propose(self, proposal: Proposal) -> Request:
        board = self.board
        if proposal.branch not in board.commits:
            raise ProviderError(f"there is no branch `{proposal.branch}`", hint="push it, then type the command again")
        for number, known in board.proposals.items():
            is_same = (known.branch, known.base) == (proposal.branch, proposal.base)
            if is_same and board.requests[number].is_open:
                board.proposals[number] = proposal
                return board.requests[number]
        found = board.open(board.commits[proposal.branch], proposal.branch)
        board.proposals[found.number] = proposal
        return found

    def approvers(self, run: str) -> tuple[str, ...]:
        return self.board.approvals.get(run, ())

    def close(self, number: int) -> None:
        """Close a pull request, as somebody does."""
        self.board.requests[number] = replace(self.board.requests[number], is_open=False)
