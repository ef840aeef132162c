"""Moves as pull requests: proposed once, merged in any way, declined, overtaken, and nothing served before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.errors import AwaitsMerge
from mlops_ci.executor.held import destroy, release_hold, roll_back
from mlops_ci.manifest.release import dump
from mlops_ci.plan.steps import Deploy, Gate, Scheduled
from mlops_ci.ports.reviews import Proposal, Request
from tests.executor.small import Small, candidate, small
from tests.executor.small_ports import RELEASE
from tests.executor.small_proposals import SmallProposals
from tests.reviews import MemoryReviews

MODE = "promotion: {mode: pull_request}\nserving:"
WAYS = ("merge", "squash", "rebase")


def protected(root: Path) -> tuple[Small, SmallProposals]:
    """Return a world whose moves become pull requests."""
    world = small(root)
    world.rewrite("serving:", MODE)
    world.proposals = SmallProposals(world.repository, MemoryReviews())
    return world, world.proposals


def proposed(proposals: SmallProposals) -> list[tuple[str, str]]:
    """Return branch and title of every pull request there was, first to last."""
    return [(known.branch, known.title) for known in proposals.reviews.board.proposals.values()]


def request(proposals: SmallProposals, number: int = -1) -> tuple[Request, Proposal]:
    """Return the last pull request, or that one, with its body."""
    board = proposals.reviews.board
    found = [*board.proposals][number]
    return board.requests[found], board.proposals[found]


def waits(world: Small) -> None:
    """Run, and check that it ends by waiting for people."""
    result = world.run()
    assert result.exit_code == 75
    assert "waiting" in world.outcomes(result).values()


def released(root: Path, how: str = "merge") -> tuple[Small, SmallProposals]:
    """Return a world in which the first version was merged all the way."""
    world, proposals = protected(root)
    waits(world)
    proposals.merge("tiny/promote", how)
    waits(world)
    proposals.merge("tiny/deploy-production", how)
    assert world.run().exit_code == 0
    return world, proposals


def serving(world: Small) -> dict[str, int]:
    return {endpoint.environment: endpoint.version for endpoint in world.endpoints.describe()}


def test_a_promotion_is_proposed_with_the_contest_and_nothing_moves_or_serves(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    main = world.repository.main
    result = world.run()
    assert world.outcomes(result)["promote"] == "waiting"
    assert result.exit_code == 75
    found, said = request(proposals)
    assert (said.branch, said.base, said.title) == ("mlops-ci/tiny/promote", "main", "Promote tiny v1: good")
    assert "- `staging` to v1" in said.body
    assert "| **`good`** |" in said.body or "`good`" in said.body
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


@pytest.mark.parametrize("how", WAYS)
def test_merged_in_any_way_one_merge_suffices_for_staging_and_another_for_production(tmp_path: Path, how: str) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    proposals.merge("tiny/promote", how)
    result = world.run()
    assert world.outcomes(result) == {
        "deploy/staging": "done", "test/staging": "done", "gate/production": "done", "deploy/production": "waiting",
    }  # fmt: skip
    assert serving(world) == {"staging": 1}
    assert world.repository.tags == ["tiny/v1"]
    (promoted,) = world.ledger.promotions["tiny"]
    champion = world.release.champion
    assert champion is not None
    assert (promoted.version, promoted.package, promoted.base) == (1, champion.package, champion.commit)
    assert "`good` wins" in promoted.sentence
    assert proposed(proposals)[-1] == ("mlops-ci/tiny/deploy-production", "Deploy tiny v1 to production")
    proposals.merge("tiny/deploy-production", how)
    world.run()
    assert serving(world) == {"staging": 1, "production": 1}
    assert [(s.environment, s.version) for s in world.ledger.served["tiny"]] == [("staging", 1), ("production", 1)]
    assert world.steps() == []
    assert len(world.ledger.promotions["tiny"]) == 1


def test_a_squash_under_a_message_of_its_own_loses_no_fact(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    proposals.merge("tiny/promote", "squash", "ship it!")
    waits(world)
    (promoted,) = world.ledger.promotions["tiny"]
    assert (promoted.candidate, promoted.commit) == ("good", world.repository.main)
    assert "`good` wins" in promoted.sentence  # the record of the contest has it


def test_a_clone_that_is_too_shallow_to_have_the_merge_goes_on_all_the_same(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    proposals.merge("tiny/promote", "squash")
    world.repository.landings.clear()
    waits(world)
    assert [p.version for p in world.ledger.promotions["tiny"]] == [1]
    waits(world)
    assert [p.version for p in world.ledger.promotions["tiny"]] == [1]


def test_of_two_versions_merged_without_a_run_between_them_both_are_told(tmp_path: Path) -> None:
    world, proposals = released(tmp_path)
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)
    proposals.merge("tiny/promote", "squash", "ship it")
    gone = [name for name in world.records.kept if "/promotions/" in name]
    for name in gone:
        del world.records.kept[name]
    waits(world)
    assert [p.version for p in world.ledger.promotions["tiny"]] == [1, 2]
    assert world.repository.tags == ["tiny/v1", "tiny/v2"]


def test_a_closed_pull_request_is_a_no_until_the_contest_is_another_one(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    proposals.reviews.close(1)
    result = world.run()
    assert world.outcomes(result) == {"promote": "skipped"}
    assert result.exit_code == 0
    assert world.steps() == []
    (note,) = world.assess().plan.notes
    assert note.code == "declined"
    assert "#1 was closed" in note.sentence
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)
    assert [title for _, title in proposed(proposals)] == ["Promote tiny v1: good", "Promote tiny v1: bad"]
    assert request(proposals)[0].is_open


def test_a_no_to_a_deployment_counts_until_somebody_approves_again(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    world.rewrite("promotes_from: staging", "promotes_from: staging, approval: true")
    waits(world)
    proposals.merge("tiny/promote", "merge")
    world.run()
    approve(world)
    waits(world)
    proposals.reviews.close(request(proposals)[0].number)
    world.run()
    assert [note.code for note in world.assess().plan.notes] == ["declined"]
    approve(world, by="Grace <grace@example.org>")
    waits(world)
    assert len(proposed(proposals)) == 3


def approve(world: Small, by: str = "") -> None:
    from mlops_ci.executor.held import approve as give

    desired = world.assess().desired[0]
    give(world.world, desired, desired.model.environments[1], why="fine", by=by)


def test_a_pull_request_merged_while_it_was_asked_for_is_no_refusal(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)
    waits(world)
    situation = world.assess()
    asked = proposals.reviews.request

    def merged(number: int) -> Request:  # between our look at the branch and our look at the pull request
        if "tiny/promote" in proposals.waiting and request(proposals)[0].is_open:
            proposals.merge("tiny/promote", "squash")
        return asked(number)

    object.__setattr__(proposals, "reviews", _Asking(proposals.reviews, merged))
    result = world.perform(situation, situation.plan.steps)
    assert world.outcomes(result)["promote"] == "skipped"
    assert world.release.champion is not None
    assert not any(p.state == "declined" for p in world.ledger.proposals["tiny", "promote"])


class _Asking(MemoryReviews):
    """Reviews that do something before they answer about a pull request."""

    def __init__(self, inner: MemoryReviews, asked: Callable[[int], Request]) -> None:
        super().__init__(inner.board)
        self.asked = asked

    def request(self, number: int) -> Request:
        return self.asked(number) if self.asked else super().request(number)


def test_who_loses_the_race_for_the_branch_finds_the_pull_request_of_the_other(tmp_path: Path) -> None:
    world, proposals = protected(tmp_path)

    def faster() -> None:
        proposals.before_put = lambda: None
        waits(world)

    proposals.before_put = faster
    waits(world)
    assert proposed(proposals) == [("mlops-ci/tiny/promote", "Promote tiny v1: good")]
    assert proposals.puts == 1


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


def test_while_a_move_waits_the_environment_serves_what_git_says(tmp_path: Path) -> None:
    world, proposals = released(tmp_path)
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)
    proposals.merge("tiny/promote", "rebase")
    world.endpoints.kill("production")
    waits(world)
    assert serving(world) == {"staging": 2, "production": 1}
    result = world.perform(world.assess(), (Scheduled(Deploy("tiny", "production"), ()),))
    assert result.exit_code == 75
    assert serving(world) == {"staging": 2, "production": 1}


def test_a_rollback_is_proposed_and_serves_when_it_is_merged(tmp_path: Path) -> None:
    world, proposals = released(tmp_path)
    world.push("candidates/bad.yaml", candidate(5))
    waits(world)
    proposals.merge("tiny/promote", "squash")
    waits(world)
    proposals.merge("tiny/deploy-production", "squash")
    world.run()
    desired = world.assess().desired[0]
    production = desired.model.environments[1]
    for _ in range(2):
        with pytest.raises(AwaitsMerge) as waiting:
            roll_back(world.world, desired, production, world.ledger, lambda _: None, to=None, why="complaints")
    found, said = request(proposals)
    assert found.url in waiting.value.hint
    assert "mlops-ci deploy production tiny" in waiting.value.hint
    assert "complaints" in said.body
    assert serving(world)["production"] == 2
    assert len(proposed(proposals)) == 5
    proposals.merge("tiny/rollback-production", "squash", "back!")
    world.run()
    assert serving(world)["production"] == 1
    assert world.steps() == []

    desired = world.assess().desired[0]
    with pytest.raises(AwaitsMerge):
        release_hold(world.world, desired, production)
    proposals.merge("tiny/release-production", "merge")
    world.run()
    assert serving(world)["production"] == 2  # one merge ended the hold and let it follow


def test_an_endpoint_ends_when_the_end_of_its_pointer_is_merged(tmp_path: Path) -> None:
    world, proposals = released(tmp_path)
    desired = world.assess().desired[0]
    with pytest.raises(AwaitsMerge):
        destroy(world.world, "tiny", "pipelines/tiny", "production", desired)
    assert serving(world) == {"staging": 1, "production": 1}
    proposals.merge("tiny/destroy-production", "merge")
    assert destroy(world.world, "tiny", "pipelines/tiny", "production", desired)
    assert serving(world) == {"staging": 1}
