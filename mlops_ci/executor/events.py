"""What the executor tells while it works: values, never printed text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from mlops_ci.plan.steps import Step


class Outcome(Enum):
    """How a step ended."""

    DONE = "done"
    SKIPPED = "skipped"
    REFUSED = "refused"
    WAITING = "waiting"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def opens(self) -> bool:
        """Return whether steps that need this one may go on."""
        return self in {Outcome.DONE, Outcome.SKIPPED}


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step began; `sentence` says what it does."""

    step: Step
    sentence: str
    at: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A step goes on; `seconds` since it began. Told at most every 30 s where there is no terminal."""

    step: Step
    sentence: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step ended: a sentence, evidence or the end of a log in `lines`, and the next command to type in `hint`.

    `exit_code` is what this end means for the whole command: 0, 1, 69, 75, 130.
    """

    step: Step
    outcome: Outcome
    sentence: str
    seconds: float
    lines: tuple[str, ...] = ()
    hint: str = ""
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Blocked:
    """A model is waited for, since another command works on it; `seconds` since the wait began. Every 30 s."""

    model: str
    holder: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Replanned:
    """Another command worked on a model, so that its plan was made anew; this many steps are left."""

    model: str
    steps: int


@dataclass(frozen=True, slots=True)
class Unlocked:
    """Nothing can be locked here, and why; told once."""

    reason: str


Event: TypeAlias = StepStarted | Progress | StepEnded | Blocked | Replanned | Unlocked
