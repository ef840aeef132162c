"""A world in memory whose release branch is protected: what tests of proposed moves do and look at."""

from __future__ import annotations

from pathlib import Path

from mlops_ci.plan.deployed import EndpointState
from mlops_ci.ports.reviews import Proposal, Request
from tests.executor.small import Small, small
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
    there = world.endpoints.describe()
    return {e.environment: e.version for e in there if e.state is EndpointState.IN_SERVICE}
