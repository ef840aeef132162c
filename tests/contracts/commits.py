"""What every `ports.Commits` promises. An implementation subclasses it and gives a `history` fixture.

The project holds `pipelines/a/model.yaml` on the release branch `main`.
"""

from __future__ import annotations

import pytest

from mlops_ci.ports.commits import Commits
from mlops_ci.ports.repository import Landed, ReleaseCommit, Repository
from tests.contracts.repository import RELEASE

History = tuple[Repository, Commits]


class CommitsContract:
    @pytest.fixture
    def history(self) -> History:
        raise NotImplementedError

    def land(self, repository: Repository, content: bytes) -> str:
        change = ReleaseCommit(repository.tip(fetch=False), ((RELEASE, content),), "Promote a v1\n\nIt won.")
        landed = repository.land(change)
        assert isinstance(landed, Landed)
        return landed.commit

    def test_nothing_passed_since_a_commit_itself(self, history: History) -> None:
        repository, commits = history
        tip = repository.tip(fetch=False)
        assert commits.since(tip, tip) == ()

    def test_what_landed_is_told_in_order_with_what_it_changed(self, history: History) -> None:
        repository, commits = history
        base = repository.tip(fetch=False)
        one, two = self.land(repository, b"v1\n"), self.land(repository, b"v2\n")
        passed = commits.since(base, two)
        assert passed is not None
        assert [(p.commit, p.paths, p.elsewhere) for p in passed] == [
            (one, (RELEASE,), False),
            (two, (RELEASE,), False),
        ]

    def test_an_earlier_commit_does_not_descend_from_a_later_one(self, history: History) -> None:
        repository, commits = history
        base = repository.tip(fetch=False)
        assert commits.since(self.land(repository, b"v1\n"), base) is None

    def test_a_commit_that_is_not_here_has_no_descendants(self, history: History) -> None:
        repository, commits = history
        assert commits.since("0" * 40, repository.tip(fetch=False)) is None

    def test_a_name_that_nothing_has_stands_for_nothing(self, history: History) -> None:
        _, commits = history
        assert [commits.find(name) for name in ("nope", "", "--all", "a\nb", "main..main")] == [""] * 5

    def test_the_checked_out_commit_is_found_by_its_names(self, history: History) -> None:
        repository, commits = history
        head = repository.head().commit
        assert commits.find("HEAD") == commits.find(head) == commits.find(head[:10]) == head

    def test_a_commit_has_itself_in_common_with_itself_and_none_with_nothing(self, history: History) -> None:
        repository, commits = history
        head = repository.head().commit
        assert commits.fork(head, head) == head
        assert commits.fork(head, "") == ""

    def test_a_whole_clone_is_not_shallow(self, history: History) -> None:
        assert not history[1].is_shallow()
