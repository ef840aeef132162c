"""git in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mlops_ci.model import Tree
from mlops_ci.ports.repository import Head, Landed, Landing, LostRace, ReleaseCommit
from mlops_ci.testing.trees import MemoryTree
from tests.executor.small_ports import AT


@dataclass
class SmallRepository:
    """A `Repository`: commits in memory, the branch's tip, and files on disk. `before_land` is somebody faster."""

    files: dict[str, bytes]
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    landings: list[Landing] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    main: str = ""
    checked_out: str = ""
    before_land: Callable[[], object] = lambda: None

    def head(self) -> Head:
        return Head(self.checked_out, "main")

    def tip(self, *, fetch: bool) -> str:
        return self.main

    def worktree(self, scope: tuple[str, ...] = ()) -> Tree:
        return MemoryTree(dict(self.files))

    def tree(self, commit: str, scope: tuple[str, ...] = ()) -> Tree:
        return MemoryTree(self.commits[commit])

    def land(self, change: ReleaseCommit) -> Landed | LostRace:
        self.before_land()
        if change.base != self.main:
            return LostRace("`main` moved")
        made = self.commit_on_main(dict(change.files), change.message)
        self.files.update(change.files)
        self.checked_out = made
        self.tags.extend([change.tag] if change.tag else [])
        return Landed(made)

    def commit_on_main(self, files: dict[str, bytes], message: str = "") -> str:
        """Put a commit on the branch, as somebody else does: what is checked out stays."""
        content, base = {**self.commits.get(self.main, {}), **files}, self.main
        self.main = f"{len(self.commits) + 1:08x}".ljust(40, "0")
        self.commits[self.main] = content
        self.landings.append(Landing(self.main, base, AT, message))
        return self.main

    def push(self) -> None:
        """Commit what is on disk, and put it on the branch."""
        self.commits[f"{len(self.commits) + 1:08x}".ljust(40, "0")] = dict(self.files)
        self.main = self.checked_out = f"{len(self.commits):08x}".ljust(40, "0")

    def landed(self, tip: str, paths: tuple[str, ...]) -> tuple[Landing, ...]:
        return tuple(self.landings)

    def follow(self, tip: str) -> None:
        self.checked_out = tip

    def identity(self) -> str:
        return "Ada <ada@example.org>"
