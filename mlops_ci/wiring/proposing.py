"""How moves of a release are put before people: on branches of the project's remote, by pull requests on GitHub."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mlops_ci.errors import ProviderError
from mlops_ci.executor.world import Proposing

if TYPE_CHECKING:
    from mlops_ci.plan.motion import Motion
    from mlops_ci.ports.reviews import Reviews
    from mlops_ci.wiring.ground import Ground


def proposing_of(ground: Ground) -> Proposing | None:
    """Return how moves are proposed; None for a private target and a pull request, which move nothing of the branch.

    Nothing is imported or asked before the first move is proposed.
    """
    if ground.is_private or ground.pull_request:
        return None
    from mlops_ci.adapters.git.proposals import GitProposals

    environment = ground.place.environment

    @cache
    def reviews() -> Reviews | None:
        from mlops_ci.wiring.reviewing import reviews as named

        try:
            return named(environment)
        except ProviderError:  # no token: the branch is pushed, and its hint says how to go on
            return None

    branches = GitProposals(ground.folder, remote=ground.project.remote, environment=environment)
    return Proposing(branches, reviews, _body)


def _body(motion: Motion) -> str:
    from mlops_ci.views.proposal import proposal_markdown

    return proposal_markdown(motion)
