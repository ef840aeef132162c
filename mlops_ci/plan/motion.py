"""Motions: moves of a release that are put before people as pull requests."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.model import Standing
from mlops_ci.plan.leaderboard import Leaderboard


@dataclass(frozen=True, slots=True)
class Motion:
    """A move that people decide about by merging it, or not; `move` names it among the moves of its model.

    `about` is the digest of what it is about, so that a no counts until that is another one. `is_asked` claims that a
    person typed it: they may ask again after a no. `reason` is a sentence, `evidence` a sentence a piece.
    `environments` stand as the release has them after the merge; `board` is the contest, where there was one. `then`
    is the command that goes on after the merge.
    """

    model: str
    move: str
    about: str
    title: str
    reason: str
    then: str
    evidence: tuple[str, ...] = ()
    environments: tuple[Standing, ...] = ()
    board: Leaderboard | None = None
    is_asked: bool = False

    @property
    def name(self) -> str:
        return f"{self.model}/{self.move}"
