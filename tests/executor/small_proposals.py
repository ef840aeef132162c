"""Branches of ours in memory, over a `SmallRepository`; and people who merge them, or do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

from mlops_ci.errors import ProviderError
from mlops_ci.ports.proposals import Waiting
from mlops_ci.ports.repository import Landing, LostRace, ReleaseCommit
from tests.executor.small_ports import AT
from tests.executor.small_repository import SmallRepository
from tests.reviews import MemoryReviews


@dataclass
class SmallProposals:
    """A `Proposals`; `before_put` is somebody faster. A branch that is removed closes its pull request."""

    repository: SmallRepository
    reviews: MemoryReviews
    waiting: dict[str, Landing] = field(default_factory=dict)
    before_put: Callable[[], object] = lambda: None
    puts: int = 0
    is_tagging: bool = True
    lock: Lock = field(default_factory=Lock)

    def branch(self, name: str) -> str:
        return f"mlops-ci/{name}"

    def find(self, name: str, tip: str) -> Waiting | None:
        there = self.waiting.get(name)
        return Waiting(there.commit, there.base) if there else None

    def put(self, name: str, change: ReleaseCommit, over: str) -> str | LostRace:
        self.before_put()
        with self.lock:
            there = self.waiting.get(name)
            if over != (there.commit if there else ""):
                return LostRace(f"`{self.branch(name)}` moved")
            made = f"{len(self.repository.commits) + 1:08x}".ljust(40, "0")
            self.repository.commits[made] = {**self.repository.commits[change.base], **dict(change.files)}
            self.waiting[name] = Landing(made, change.base, AT, change.message)
            self.reviews.board.commits[self.branch(name)] = made
            self.puts += 1
            return made

    def drop(self, name: str, over: str) -> None:
        if name in self.waiting and self.waiting[name].commit == over:
            del self.waiting[name]
            for number, known in self.reviews.board.proposals.items():
                if known.branch == self.branch(name):
                    self.reviews.close(number)

    def tag(self, name: str, commit: str, message: str) -> None:
        if not self.is_tagging:
            raise ProviderError(f"the remote refuses the tag `{name}`", hint="let us push tags")
        if name not in self.repository.tags:
            self.repository.tags.append(name)

    def merge(self, name: str, how: str, message: str = "") -> None:
        """Merge a branch as GitHub's buttons do: `merge`, `squash` or `rebase`; the pull request is closed by that."""
        there, main = self.waiting[name], self.repository.main
        release = "pipelines/tiny/release.yaml"
        content = {release: self.repository.commits[there.commit][release]}
        match how:
            case "merge":  # git's log passes the merge over, and tells the commit that it brought
                self.repository.landings.append(there)
                self.repository.commit_on_main(content, "Merge pull request")
                self.repository.landings.pop()
            case "squash":
                self.repository.commit_on_main(content, message or f"{there.message} (#7)")
            case _:
                self.repository.commit_on_main(content, there.message)
        assert self.repository.main != main
        self.repository.files.update(content)
        for number, known in self.reviews.board.proposals.items():
            if known.branch == self.branch(name):
                board = self.reviews.board
                board.requests[number] = replace(board.requests[number], is_open=False)
