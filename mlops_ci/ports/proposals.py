"""Branches of ours that wait for people to merge them, beside the release branch; and the tags that follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mlops_ci.ports.repository import LostRace, ReleaseCommit


@dataclass(frozen=True, slots=True)
class Waiting:
    """A branch of ours as it is now: its commit, and the last one that it has in common with the release branch."""

    commit: str
    fork: str


class Proposals(Protocol):
    """Where moves wait. Implementations pass `tests/contracts/proposals.py`.

    A `name` is `<model>/<move>`. The branches are the remote's where there is one, else those here. Every method raises
    ProviderError where the remote cannot be reached, or refuses for another reason than a race.
    """

    def branch(self, name: str) -> str:
        """Return the name of the branch: of two projects in one repository, another one each."""
        ...

    def find(self, name: str, tip: str) -> Waiting | None:
        """Return the branch as it is now, or None where there is none; its files can be read from then on."""
        ...

    def put(self, name: str, change: ReleaseCommit, over: str) -> str | LostRace:
        """Have the branch hold one commit over `change.base`, and return it; the tag of the change is not made.

        `over` is the commit that it holds now, or empty where there must be no such branch: who was faster wins.
        """
        ...

    def drop(self, name: str, over: str) -> None:
        """Remove the branch, if it holds that commit: its pull request is closed by that."""
        ...

    def tag(self, name: str, commit: str, message: str) -> None:
        """Have an annotated tag at a commit; one of that name that is there already stays as it is."""
        ...
