"""Moves as pull requests: proposed once, changed in place, raced for, taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.commands.work import without_merges
from mlops_ci.errors import ProviderError
from mlops_ci.executor.pointers import pointed
from mlops_ci.executor.reading import read_release
from mlops_ci.manifest.release import dump
from mlops_ci.model import Release
from mlops_ci.plan.steps import Gate, Scheduled
from mlops_ci.ports.reviews import Proposal, Request
from tests.executor.protected import MODE, proposed, protected, released, request, serving, waits
from tests.executor.small import Small, candidate, project_files, small
from tests.executor.small_ports import RELEASE
from tests.executor.small_proposals import SmallProposals
from tests.reviews import MemoryReviews


def test_a_promotion_is_proposed_with_the_contest_and_nothing_moves_or_serves(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    main = world.repository.main
    result = world.run()
    assert world.outcomes(result)["promote"] == "waiting"
    assert result.exit_code == 75
    found, said = request(proposals)
    assert (said.branch, said.base, said.title) == ("mlops-ci/tiny/promote", "main", "Promote tiny v1: good")
    assert "- `staging` to v1" in said.body
    assert "| `good` | 0.9000 |" in said.body
    assert "0.9000" in said.body
    assert "production" not in said.body
    end = next(end for end in result.ended if end.exit_code)
    assert found.url in end.hint
    assert world.repository.main == main
    assert serving(world) == {}
    assert world.ledger.promotions == {}
    assert world.repository.tags == []


def test_the_plan_says_that_a_pull_request_would_be_opened_and_which_one_is(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    situation = world.assess()
    world.perform(situation, tuple(s for s in situation.plan.steps if "train" in s.step.id or "evaluate" in s.step.id))
    (before,) = world.assess().plan.changes
    assert "by a pull request" in before.summary
    waits(world)
    (after,) = world.assess().plan.changes
    assert after.summary == f"promote `good`, by pull request #1: {request(proposals)[0].url}"
    assert world.steps() == ["tiny/promote"]


def test_the_same_outcome_finds_the_same_pull_request_and_changes_nothing(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    kept, board = dict(world.records.kept), request(proposals)
    proposals.reviews.board.proposals[1] = replace(board[1], body="edited by a person")
    waits(world)
    world.repository.commit_on_main({"README.md": b"somebody else's"})
    waits(world)
    assert (proposals.puts, len(proposed(proposals))) == (1, 1)
    assert request(proposals)[1].body == "edited by a person"
    assert world.records.kept == kept


def test_a_new_winner_changes_the_pull_request_in_place(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)
    assert proposed(proposals) == [("mlops-ci/tiny/promote", "Promote tiny v1: bad")]
    assert proposals.puts == 2


def test_who_loses_the_race_for_the_branch_finds_the_pull_request_of_the_other(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)

    def faster() -> None:
        proposals.before_put = lambda: None
        waits(world)

    proposals.before_put = faster
    waits(world)
    assert proposed(proposals) == [("mlops-ci/tiny/promote", "Promote tiny v1: good")]
    assert proposals.puts == 1


def proposed_release(world: Small, proposals: SmallProposals) -> Release:
    commit = proposals.waiting["tiny/promote"].commit
    return read_release(world.repository.tree(commit), "pipelines/tiny")


def test_a_release_that_moved_under_it_makes_the_branch_anew_and_keeps_the_pull_request(tmp_path: Path) -> None:
    world, proposals = released(tmp_path)
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)
    puts, number = proposals.puts, request(proposals)[0].number
    release = replace(world.release, rolled_back=("e" * 64,))
    world.repository.commit_on_main({RELEASE: dump(release)}, "somebody's")
    world.repository.files[RELEASE] = dump(release)
    waits(world)
    assert proposals.puts == puts + 1
    assert request(proposals)[0].number == number
    staging = next(s for s in proposed_release(world, proposals).environments if s.environment == "staging")
    world.repository.commit_on_main({RELEASE: dump(pointed(world.release, staging))}, "a part of it, by hand")
    before = proposals.waiting["tiny/promote"].commit
    proposals.reviews.board.proposals[number] = replace(request(proposals)[1], body="of before")
    waits(world)
    after = proposals.waiting["tiny/promote"].commit
    assert after != before  # it says the same as before, and would have conflicted
    assert "`bad` wins" in proposals.reviews.board.proposals[number].body


def test_what_no_longer_wins_is_taken_back(tmp_path: Path) -> None:
    world, proposals = released(tmp_path)
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)
    assert request(proposals)[0].is_open
    world.push("candidates/bad.yaml", candidate(2))
    assert world.run().exit_code == 0
    assert not request(proposals)[0].is_open
    assert "tiny/promote" not in proposals.waiting
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)  # that we took it back was nobody's no
    assert request(proposals)[0].is_open


def test_a_gate_that_closed_takes_back_what_was_proposed_behind_it(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    proposals.merge("tiny/promote", "merge")
    waits(world)
    assert request(proposals)[0].is_open
    world.rewrite("promotes_from: staging", "promotes_from: staging, approval: true")
    result = world.perform(world.assess(), (Scheduled(Gate("tiny", "production"), ()),))
    assert result.exit_code == 75
    assert not request(proposals)[0].is_open


def test_without_reviews_the_branch_is_pushed_and_the_hint_says_how_to_go_on(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    world.is_reviewed = False
    result = world.run()
    assert result.exit_code == 75
    (end,) = [end for end in result.ended if end.exit_code]
    assert "open a pull request from `mlops-ci/tiny/promote` into `main`" in end.hint
    assert proposed(proposals) == []
    world.is_reviewed = True
    waits(world)
    assert proposed(proposals) == [("mlops-ci/tiny/promote", "Promote tiny v1: good")]
    assert proposals.puts == 1


def test_where_nobody_else_has_the_releases_they_land_as_ever(tmp_path: Path) -> None:
    world, _ = protected(tmp_path)
    world.proposals = None  # a private target
    assert world.run().exit_code == 0
    assert serving(world) == {"staging": 1, "production": 1}


def test_one_model_that_waits_for_a_merge_keeps_no_other_from_beginning(tmp_path: Path) -> None:
    files = {**project_files("tiny"), **project_files("other")}
    for name in ("tiny", "other"):
        path = f"pipelines/{name}/model.yaml"
        files[path] = files[path].replace(b"serving:", MODE.encode())
    world = small(tmp_path, files)
    world.proposals = SmallProposals(world.repository, MemoryReviews())
    result = world.run()
    assert sorted(title for _, title in proposed(world.proposals)) == [
        "Promote other v1: good",
        "Promote tiny v1: good",
    ]
    assert without_merges(result) == 0


def test_what_fails_beside_a_merge_that_is_waited_for_still_counts(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    world.rewrite("promotes_from: staging", "promotes_from: staging, approval: true")
    waits(world)
    proposals.merge("tiny/promote", "merge")
    result = world.run()  # the gate waits for an approval
    assert without_merges(result) == result.exit_code == 75


def test_a_refusal_after_the_branch_was_pushed_loses_nothing(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    whole, proposals.reviews = proposals.reviews, Refusing()
    result = world.run()
    assert (result.exit_code, world.outcomes(result)["promote"]) == (69, "failed")
    whole.board.commits.update(proposals.reviews.board.commits)
    proposals.reviews = whole
    waits(world)
    assert (proposals.puts, len(proposed(proposals))) == (1, 1)


class Refusing(MemoryReviews):
    """Reviews that open nothing."""

    def propose(self, proposal: Proposal) -> Request:
        raise ProviderError("GitHub Actions is not permitted to create pull requests", hint="allow it")


def test_a_tag_that_is_refused_is_made_and_recorded_by_the_next_run(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    proposals.merge("tiny/promote", "squash")
    proposals.is_tagging = False
    with pytest.raises(ProviderError):
        world.run()
    assert world.ledger.promotions == {}
    proposals.is_tagging = True
    waits(world)
    assert [p.version for p in world.ledger.promotions["tiny"]] == [1]
    assert world.repository.tags == ["tiny/v1"]
