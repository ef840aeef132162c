"""`Commits` of a world in memory: one line of commits, oldest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from mlops_ci.plan.passed import Passed
from tests.executor.small_repository import SmallRepository


@dataclass
class SmallCommits:
    """Every commit descends from the one before it. `names` are branches and tags; the clone lacks what is `gone`."""

    repository: SmallRepository
    names: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    @property
    def line(self) -> list[str]:
        return [commit for commit in self.repository.commits if commit not in self.gone]

    def find(self, name: str) -> str:
        if name == "refs/heads/main":
            return self.repository.main
        if name == "HEAD":
            return self.repository.checked_out
        if name.endswith("~1"):
            at = self.line.index(self.find(name[:-2]))
            return self.line[at - 1] if at else ""
        found = [commit for commit in self.line if name and commit.startswith(name)]
        return self.names.get(name, found[0] if len(found) == 1 else "")

    def fork(self, one: str, other: str) -> str:
        return min(one, other, key=self.line.index) if one and other else ""

    def since(self, base: str, tip: str) -> tuple[Passed, ...] | None:
        if base not in self.line or tip not in self.line or self.line.index(base) > self.line.index(tip):
            return None
        passed = self.line[self.line.index(base) : self.line.index(tip) + 1]
        contents = self.repository.commits
        found: list[Passed] = []
        for was, now in pairwise(passed):
            paths = {path for path, _ in {*contents[was].items()} ^ {*contents[now].items()}}
            found.append(Passed(now, f"commit {now[:8]}", tuple(sorted(paths))))
        return tuple(found)

    def is_shallow(self) -> bool:
        return bool(self.gone)
