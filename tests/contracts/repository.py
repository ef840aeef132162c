"""What every `ports.Repository` promises. An implementation subclasses it and gives a `repository` fixture.

The project under test holds `pipelines/a/model.yaml` (one line: one), committed on the release branch.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from mlops_ci.fingerprint.canonical import blob_id
from mlops_ci.ports.repository import Landed, Landings, LostRace, ReleaseCommit, Repository

RELEASE = "pipelines/a/release.yaml"


class RepositoryContract:
    @pytest.fixture
    def repository(self) -> Repository:
        raise NotImplementedError

    def change(self, base: str, content: bytes = b"v1\n", tag: str = "") -> ReleaseCommit:
        return ReleaseCommit(base, ((RELEASE, content),), "Promote a v1", tag)

    def test_the_working_tree_has_the_blob_ids_that_git_gives(self, repository: Repository) -> None:
        assert ("pipelines/a/model.yaml", blob_id(b"one\n")) in repository.worktree().blobs("pipelines/a")

    def test_reading_what_is_not_there_says_so(self, repository: Repository) -> None:
        with pytest.raises(FileNotFoundError):
            repository.worktree().read("pipelines/a/none.yaml")
        with pytest.raises(FileNotFoundError):
            repository.tree(repository.tip(fetch=False)).read("pipelines/a/none.yaml")

    @pytest.mark.parametrize("place", ["pipelines/a/model.yaml", "pipelines/a", "pipelines/none", "pipelines/[a]", ""])
    @pytest.mark.parametrize(
        "scope", [("pipelines/a",), ("pipelines/none", "pipelines/a/model.yaml"), ("pipelines/[a]",)]
    )
    def test_a_scope_changes_no_answer(self, repository: Repository, scope: tuple[str, ...], place: str) -> None:
        tip = repository.tip(fetch=False)
        assert repository.worktree(scope).blobs(place) == repository.worktree().blobs(place)
        assert repository.tree(tip, scope).blobs(place) == repository.tree(tip).blobs(place)
        assert repository.worktree(scope).read("pipelines/a/model.yaml") == b"one\n"
        assert repository.tree(tip, scope).read("pipelines/a/model.yaml") == b"one\n"

    def test_reading_stops_at_the_limit(self, repository: Repository) -> None:
        assert repository.worktree().read("pipelines/a/model.yaml", 2) == b"on"

    def test_what_lands_is_read_at_the_new_tip(self, repository: Repository) -> None:
        landed = repository.land(self.change(repository.tip(fetch=True)))
        assert isinstance(landed, Landed)
        assert repository.tip(fetch=True) == landed.commit
        assert repository.tree(landed.commit).read(RELEASE) == b"v1\n"

    def test_landing_on_a_base_that_is_no_longer_the_tip_changes_nothing(self, repository: Repository) -> None:
        base = repository.tip(fetch=True)
        first = repository.land(self.change(base))
        assert isinstance(repository.land(self.change(base, b"v2\n")), LostRace)
        assert isinstance(first, Landed)
        assert repository.tip(fetch=True) == first.commit

    def test_of_many_who_land_at_once_exactly_one_does(self, repository: Repository) -> None:
        base = repository.tip(fetch=True)
        with ThreadPoolExecutor(4) as pool:
            ends = list(pool.map(lambda n: repository.land(self.change(base, b"v%d\n" % n)), range(4)))
        assert sorted(type(end).__name__ for end in ends) == ["Landed", "LostRace", "LostRace", "LostRace"]

    def test_what_landed_is_told_with_its_message_first_to_last(self, repository: Repository) -> None:
        assert isinstance(repository, Landings)
        base = repository.tip(fetch=True)
        first = repository.land(self.change(base, b"v1\n"))
        assert isinstance(first, Landed)
        second = repository.land(ReleaseCommit(first.commit, ((RELEASE, b"v2\n"),), "Deploy a v2\n\nand more"))
        assert isinstance(second, Landed)
        told = repository.landed(second.commit, (RELEASE,))
        assert [(t.commit, t.base, t.message.strip()) for t in told] == [
            (first.commit, base, "Promote a v1"),
            (second.commit, first.commit, "Deploy a v2\n\nand more"),
        ]
        assert [t.commit for t in repository.landed(first.commit, (RELEASE,))] == [first.commit]
        assert repository.landed(second.commit, ("pipelines/b/release.yaml",)) == ()

    def test_somebody_is_named_as_acting(self, repository: Repository) -> None:
        assert "@" in repository.identity()
