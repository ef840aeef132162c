"""What was proposed before, and what became of it: pull requests of ours, as the records know them."""

from __future__ import annotations

from mlops_ci.fingerprint.canonical import digest
from mlops_ci.records.facts import Proposed
from mlops_ci.records.ledger import Ledger

OPEN, DECLINED, ENDED = "open", "declined", "ended"
PROMOTE = "promote"


def deploying(environment: str) -> str:
    """Return the name of the move that takes an environment on."""
    return f"deploy-{environment}"


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
    return (
        f"pull request #{said.request} is closed, and the branch does not have it: it is not opened again until {until}"
    )
