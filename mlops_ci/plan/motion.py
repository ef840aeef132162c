"""Motions: moves of a release that are put before people as pull requests, and what became of those before."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Standing
from mlops_ci.plan.leaderboard import Leaderboard
from mlops_ci.records.facts import Proposed
from mlops_ci.records.ledger import Ledger

OPEN, DECLINED, WITHDRAWN = "open", "declined", "withdrawn"
PROMOTE = "promote"


def deploying(environment: str) -> str:
    """Return the name of the move that takes an environment on."""
    return f"deploy-{environment}"


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


def about_deployment(ledger: Ledger, model: str, environment: str, package: str) -> str:
    """Return what taking an environment to a package is about: an approval more is something new."""
    return digest([package, len(ledger.approvals.get((model, environment, package), ()))])


def last_word(ledger: Ledger, model: str, move: str, about: str) -> Proposed | None:
    """Return what was last recorded of a move about the very same thing, or None."""
    found = ledger.proposals.get((model, move), ())
    return next((one for one in reversed(found) if one.about == about), None)


def told_open(said: Proposed | None) -> str:
    """Return how a change ends that waits for people: by a pull request, which may be there already."""
    if said is None or said.state != OPEN or not said.request:
        return ", by a pull request"
    return f", by pull request #{said.request}: {said.url}"


def told_declined(said: Proposed, until: str) -> str:
    """Return the sentence that says of a declined move that it is not proposed again."""
    return f"pull request #{said.request} was closed without a merge, and is not opened again until {until}"
