"""Whose turn it is: before the first step of a model begins, the model is taken, and let go after its last.

What another command works on is waited for, while other models go on. After the wait, or where another command worked
on the model since the plan was made, the model's plan is made anew: what is done by then is not done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from mlops_ci.executor.assess import Situation
from mlops_ci.executor.events import Blocked, Event, Unlocked
from mlops_ci.executor.world import World
from mlops_ci.plan.steps import Scheduled
from mlops_ci.ports.locks import Busy, Holder, Taken, Unguarded

EVERY = 30.0
"""Seconds between two tellings that a model is waited for."""
PAUSE = 0.2
"""Seconds between two looks at whether a model is free."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How models are waited for: `seconds` at most, 0 for not at all.

    `planned` is when the plan was begun (UTC, ISO 8601); `replan` gives one model's situation and steps anew.
    """

    seconds: float
    planned: str
    replan: Callable[[str], tuple[Situation, tuple[Scheduled, ...]]]


class Turn(Enum):
    """What there is to do about a model whose steps may begin."""

    OURS = "begin"
    ANEW = "it is ours now, and its plan is to be made anew"
    BUSY = "another command works on it: look again later"
    LATE = "another command worked on it for longer than we wait"


class Turns:
    """Takes models and lets go of them; not shared between threads. `tell` is called with what a user should know."""

    def __init__(self, world: World, patience: Patience, tell: Callable[[Event], None]) -> None:
        self._world = world
        self._patience = patience
        self._tell = tell
        self._ours: set[str] = set()
        self._began: dict[str, float] = {}
        self._looked: dict[str, float] = {}
        self._told: dict[str, float] = {}
        self._holders: dict[str, str] = {}
        self._warned = False

    def ask(self, model: str) -> Turn:
        """Return what to do about a model; once ANEW or OURS was said, it is OURS."""
        if model in self._ours:
            return Turn.OURS
        now = self._world.clock.seconds()
        if now - self._looked.get(model, -PAUSE) < PAUSE / 2:
            return Turn.BUSY
        self._looked[model] = now
        said = self._world.locks.take(model, since=self._patience.planned)
        match said:
            case Busy():
                return self._wait(model, said.holder, now)
            case Taken():
                is_stale = said.was_used
            case Unguarded():
                is_stale = False
                if not self._warned:
                    self._tell(Unlocked(said.reason))
                self._warned = True
            case _:
                assert_never(said)
        self._ours.add(model)
        return Turn.ANEW if is_stale or self.has_waited(model) else Turn.OURS

    def has_waited(self, model: str) -> bool:
        """Return whether the model was not free at first."""
        return model in self._began

    def late(self, model: str) -> str:
        """Return what there is to say about a model that is LATE."""
        waited = f" after {self._patience.seconds:g} s" if self._patience.seconds else ""
        return f"{self._holders[model]} {'still ' if waited else ''}works on `{model}`{waited}"

    def leave(self, model: str) -> None:
        """Let go of a model; does nothing where it is not ours."""
        if model in self._ours:
            self._ours.remove(model)
            self._world.locks.leave(model)

    def leave_all(self) -> None:
        """Let go of every model."""
        for model in tuple(self._ours):
            self.leave(model)

    def _wait(self, model: str, holder: Holder | None, now: float) -> Turn:
        waited = now - self._began.setdefault(model, now)
        self._holders[model] = holder.sentence if holder else "another command"
        if waited >= self._patience.seconds:
            return Turn.LATE
        if model not in self._told or now - self._told[model] >= EVERY:
            self._told[model] = now
            self._tell(Blocked(model, self._holders[model], waited))
        return Turn.BUSY
