"""What every `ports.Proposals` promises. An implementation subclasses it and gives a `place` fixture.

The project under test holds `pipelines/a/model.yaml`, committed on the release branch, as for `RepositoryContract`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from mlops_ci.ports.proposals import Proposals
from mlops_ci.ports.repository import Landed, LostRace, ReleaseCommit, Repository

RELEASE = "pipelines/a/release.yaml"
NAME = "a/promote"


@dataclass(frozen=True)
class Place:
    """Proposals, and the repository whose release branch they are made over."""

    proposals: Proposals
    repository: Repository

    @property
    def tip(self) -> str:
        return self.repository.tip(fetch=True)

    def put(self, content: bytes = b"v1\n", over: str = "") -> str:
        """Return the commit of the branch, which was put for sure."""
        put = self.proposals.put(NAME, change(self.tip, content), over)
        assert isinstance(put, str)
        return put


def change(base: str, content: bytes = b"v1\n") -> ReleaseCommit:
    return ReleaseCommit(base, ((RELEASE, content),), "Promote a v1: one")


class ProposalsContract:
    @pytest.fixture
    def place(self) -> Place:
        raise NotImplementedError

    def test_what_was_never_put_is_not_found(self, place: Place) -> None:
        assert place.proposals.find(NAME, place.tip) is None

    def test_what_is_put_is_found_and_read_and_the_release_branch_stays(self, place: Place) -> None:
        before = place.tip
        commit = place.put()
        found = place.proposals.find(NAME, before)
        assert found is not None
        assert (found.commit, found.fork) == (commit, before)
        assert place.repository.tree(commit).read(RELEASE) == b"v1\n"
        assert place.tip == before

    def test_moves_have_branches_of_their_own_below_one_name(self, place: Place) -> None:
        names = {place.proposals.branch(name) for name in (NAME, "a/deploy-production", "b/promote")}
        assert len(names) == 3
        assert all(name.startswith("mlops-ci/") for name in names)

    def test_a_branch_is_replaced_by_who_knows_what_it_holds_and_by_nobody_else(self, place: Place) -> None:
        first = place.put()
        assert isinstance(place.proposals.put(NAME, change(place.tip, b"v2\n"), ""), LostRace)
        second = place.put(b"v3\n", over=first)
        assert isinstance(place.proposals.put(NAME, change(place.tip, b"v4\n"), first), LostRace)
        found = place.proposals.find(NAME, place.tip)
        assert found is not None
        assert found.commit == second

    def test_of_many_who_put_at_once_exactly_one_does(self, place: Place) -> None:
        base = place.tip
        with ThreadPoolExecutor(4) as pool:
            asked = [change(base, b"v%d\n" % number) for number in range(4)]
            ends = list(pool.map(lambda one: place.proposals.put(NAME, one, ""), asked))
        assert sum(isinstance(end, str) for end in ends) == 1

    def test_a_branch_made_over_an_older_tip_says_where_it_left(self, place: Place) -> None:
        base = place.tip
        place.put()
        landed = place.repository.land(ReleaseCommit(base, (("pipelines/a/other.yaml", b"x\n"),), "another"))
        assert isinstance(landed, Landed)
        found = place.proposals.find(NAME, landed.commit)
        assert found is not None
        assert found.fork == base

    def test_what_is_dropped_is_gone_and_what_moved_meanwhile_is_not(self, place: Place) -> None:
        first = place.put()
        second = place.put(b"v2\n", over=first)
        place.proposals.drop(NAME, first)
        assert place.proposals.find(NAME, place.tip) is not None
        place.proposals.drop(NAME, second)
        place.proposals.drop(NAME, second)
        assert place.proposals.find(NAME, place.tip) is None

    def test_a_tag_may_be_asked_for_again_and_stays(self, place: Place) -> None:
        place.proposals.tag("a/v1", place.tip, "Promote a v1: one")
        place.proposals.tag("a/v1", place.tip, "another message")
