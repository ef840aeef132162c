"""Changes: what is different, what it causes, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mlops_ci.plan.steps import Scheduled


class Action(Enum):
    """What a change causes; the glyph is what a terminal shows before it."""

    NEW = "new"
    RETRAIN = "retrain"
    REEVALUATE = "re-evaluate"
    PROMOTE = "promote"
    REDEPLOY = "redeploy"
    METADATA = "metadata"
    REMOVED = "removed"
    DRIFT = "drift"

    @property
    def glyph(self) -> str:
        return _GLYPHS[self]


_GLYPHS = {
    Action.NEW: "+",
    Action.RETRAIN: "~",
    Action.REEVALUATE: "=",
    Action.PROMOTE: "^",
    Action.REDEPLOY: ">",
    Action.METADATA: ".",
    Action.REMOVED: "-",
    Action.DRIFT: "!",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code, a sentence, and the field with its old and new value (JSON text) where one changed."""

    code: str
    sentence: str
    field: str = ""
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan. `subject` is a candidate, an environment, or `champion`; `seconds` None means unknown."""

    model: str
    subject: str
    action: Action
    reasons: tuple[Reason, ...]
    summary: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that asks for no work of ours: held, blocked, after merge. `code` is stable."""

    model: str
    subject: str
    code: str
    sentence: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a plan was made from: the checked-out commit and the release branch's tip."""

    commit: str
    tip: str
    branch: str
    target: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done: changes to read, steps to perform in order, notes, and what it was based on."""

    basis: Basis
    models: tuple[str, ...]
    changes: tuple[Change, ...]
    steps: tuple[Scheduled, ...]
    notes: tuple[Note, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to do."""
        return not self.steps
