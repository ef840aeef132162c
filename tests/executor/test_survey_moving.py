"""What changes while a survey looks at it is never remembered as what it became, or was before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from mlops_ci.executor.glance import Glance
from mlops_ci.executor.survey import survey
from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.model import Data, Tree
from mlops_ci.plan.change import Plan
from tests.executor.small import Small, candidate, small
from tests.executor.small_ports import SmallDatasets
from tests.executor.small_repository import SmallRepository

BAD = "pipelines/tiny/candidates/bad.yaml"
DATA = "pipelines/tiny/data/tiny.csv"
NEEDS = "pipelines/tiny/needs.txt"


@dataclass(frozen=True, slots=True)
class Edited:
    """A tree in which somebody changes a file: `before` is read first, and what the tree has from then on."""

    tree: Tree
    path: str
    before: list[bytes]

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
        return self.tree.blobs(prefix)

    def links(self, prefix: str) -> tuple[str, ...]:
        return self.tree.links(prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        return self.before.pop()[:limit] if path == self.path and self.before else self.tree.read(path, limit)


@dataclass(frozen=True, slots=True)
class Ignoring:
    """A tree that does not list a file which it reads, as git does with one that it ignores."""

    tree: Tree
    path: str

    def blobs(self, prefix: str) -> tuple[tuple[str, str], ...]:
        return tuple(pair for pair in self.tree.blobs(prefix) if pair[0] != self.path)

    def links(self, prefix: str) -> tuple[str, ...]:
        return self.tree.links(prefix)

    def read(self, path: str, limit: int | None = None) -> bytes:
        return self.tree.read(path, limit)


class Looked(SmallRepository):
    """A repository whose files on disk are looked at in some way."""

    look: Callable[[Tree], Tree]

    def worktree(self, scope: tuple[str, ...] = ()) -> Tree:
        return self.look(super().worktree(scope))


def looked(made: Small, look: Callable[[Tree], Tree]) -> Glance:
    """Return a glance at a world whose files on disk are looked at in some way."""
    its = made.repository
    repository = Looked(its.files, its.commits, its.landings, its.tags, its.main, its.checked_out)
    repository.look = look
    world = replace(made.world, repository=repository)
    return replace(made.glance, repository=repository, world=lambda: world)


def edited(before: list[bytes], tree: Tree) -> Tree:
    """Return a tree whose requirements git ignores, and somebody changes."""
    return Edited(Ignoring(tree, NEEDS), NEEDS, before)


def plan(glance: Glance) -> Plan:
    found = survey(glance, ())
    assert found is not None
    return found.plan


@pytest.fixture
def made(tmp_path: Path) -> Small:
    found = small(tmp_path)
    found.run()
    return found


def test_an_edit_that_is_taken_back_while_its_file_is_read_is_not_remembered(made: Small) -> None:
    edits = [candidate(2)]
    assert not plan(looked(made, lambda tree: Edited(tree, BAD, edits))).is_empty
    assert edits == []
    assert plan(made.glance).is_empty
    assert plan(made.glance) == made.assess().plan


def test_a_file_that_git_ignores_and_that_changes_after_it_was_read_is_read_again(made: Small) -> None:
    made.push("candidates/bad.yaml", candidate(1) + b"requirements: needs.txt\n")
    made.push("needs.txt", b"one\n")
    made.run()
    first = plan(looked(made, lambda tree: Ignoring(tree, NEEDS)))
    told: list[Plan] = []
    for reads in range(1, 9):  # rules look at it, too, before its text counts
        made.snapshots.kept.clear()
        told.append(plan(looked(made, partial(edited, [b"two\n"] * reads))))
        assert plan(looked(made, lambda tree: Ignoring(tree, NEEDS))) == first
    assert told[0] == first != told[-1]


class Table(SmallDatasets):
    """Data that no tree has: one file on disk, to which each of `edits` happens once a digest was taken."""

    edits: list[bytes]

    def digests(self, data: Data, tree: Tree, folder: str) -> tuple[tuple[str, str], ...]:
        found = tuple((name, blob_id((self.root / "table.csv").read_bytes())) for name, _ in data.paths())
        if self.edits:
            (self.root / "table.csv").write_bytes(self.edits.pop())
        return found


def test_data_that_changes_after_its_digest_was_taken_is_looked_at_again(made: Small) -> None:
    place = made.root / "table.csv"
    place.write_bytes(b"x,large\n1,no\n9,yes\n")
    datasets = Table(made.root)
    ignoring = looked(made, lambda tree: Ignoring(tree, DATA))
    world = replace(ignoring.world(), datasets=datasets)
    glance = replace(ignoring, world=lambda: world)
    datasets.edits = [b"x,large\n2,no\n9,yes\n"]
    plan(glance)
    assert datasets.edits == []
    warm = plan(glance)
    made.snapshots.kept.clear()
    assert warm == plan(glance)
