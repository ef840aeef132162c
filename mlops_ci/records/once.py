"""Facts by which something is told, or asked of people, once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proposed:
    """A move of the release was put before people as a pull request, or (`state`) what became of that.

    `move` names it among the moves of its model: `promote`, `deploy-production`. `about` is the digest of what it is
    about: while that is the same, so is the proposal. `state` is `open`, `declined` (somebody closed it, and the branch
    does not have it) or `ended` (it was merged, or is no longer what we would propose). `request` is the pull request's
    number, 0 where nobody could be asked to open one; `url` is where it is read. `number` counts what was recorded of
    this move, from 1.
    """

    model: str
    move: str
    about: str
    state: str
    request: int
    url: str
    at: str
    number: int = 1

    @property
    def name(self) -> str:
        return f"{self.model}/proposals/{self.move}/{self.number:06d}-{self.state}-{self.about[:16]}"


@dataclass(frozen=True, slots=True)
class Seen:
    """A state of the fields that cause no work was seen by a run, so that the plan need not tell it again.

    `number` counts the states that were seen, from 1: a state that comes back is told, and seen, again.
    """

    model: str
    state: str
    recipe: str
    at: str
    number: int = 1

    @property
    def name(self) -> str:
        return f"{self.model}/seen/{self.number}-{self.state}"
