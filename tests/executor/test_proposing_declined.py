"""Moves as pull requests: what somebody closed is a no, and what was merged is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlops_ci.plan.steps import Deploy, Scheduled
from mlops_ci.ports.reviews import Request
from tests.executor.protected import proposed, protected, request, waits
from tests.executor.small import Small, candidate
from tests.reviews import MemoryReviews


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
    assert "#1 is closed" in note.sentence
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
    asked = world.perform(world.assess(), (Scheduled(Deploy("tiny", "production"), ()),))
    assert (world.outcomes(asked), asked.exit_code) == ({"deploy/production": "skipped"}, 0)
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
        return self.asked(number)
