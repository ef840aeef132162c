"""The steps that wait, and whose models must be ours before one of them begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Self, assert_never

from mlops_ci.errors import MlopsError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.events import Event, Outcome, Replanned, StepEnded
from mlops_ci.executor.turns import Patience, Turn, Turns
from mlops_ci.executor.world import World
from mlops_ci.plan.steps import Scheduled


class Queue:
    """`waiting` and `ended` are shared with the schedule; a context, at whose end every model is let go."""

    def __init__(
        self,
        world: World,
        situation: Situation,
        patience: Patience,
        waiting: dict[str, Scheduled],
        ended: dict[str, StepEnded],
        tell: Callable[[Event], None],
    ) -> None:
        self.waiting = waiting
        self.ended = ended
        self._first = situation
        self._anew: dict[str, Situation] = {}
        self._replan = patience.replan
        self._turns = Turns(world, patience, tell)
        self._tell = tell

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._turns.keep(set())

    def situation(self, model: str) -> Situation:
        """Return the situation that a model's steps are performed in."""
        return self._anew.get(model, self._first)

    def admits(self, model: str) -> bool:
        """Return whether a step of the model may begin; what waits of it may be others afterwards, or nothing."""
        match self._turns.ask(model):
            case Turn.OURS:
                return True
            case Turn.BUSY:
                return False
            case Turn.ANEW:
                self._plan_anew(model)
                return True
            case Turn.LATE:
                self._give_up(model, self._turns.late(model), _LATER, Outcome.WAITING, 75)
                return False
            case turn:
                assert_never(turn)

    def let_go(self, running: Iterable[str]) -> None:
        """Let go of every model of which nothing waits and nothing runs."""
        self._turns.keep({*running, *(scheduled.step.model for scheduled in self.waiting.values())})

    def _plan_anew(self, model: str) -> None:
        try:
            situation, steps = self._replan(model)
        except MlopsError as error:
            hint = error.hint or f"mlops-ci plan {model}"
            self._give_up(model, error.summary, hint, Outcome.FAILED, error.exit_code)
            return
        before = [name for name, scheduled in self.waiting.items() if scheduled.step.model == model]
        for name in before:
            del self.waiting[name]
        self.waiting.update({scheduled.step.id: scheduled for scheduled in steps})
        self._anew[model] = situation
        if self._turns.has_waited(model) or before != [scheduled.step.id for scheduled in steps]:
            self._tell(Replanned(model, len(steps)))

    def _give_up(self, model: str, sentence: str, hint: str, outcome: Outcome, exit_code: int) -> None:
        """End every step of a model: the first says why, the others that it did."""
        first = ""
        for name in [n for n, scheduled in self.waiting.items() if scheduled.step.model == model]:
            step = self.waiting.pop(name).step
            if first:
                end = StepEnded(step, Outcome.STOPPED, f"not begun, because `{first}` did not end well", 0.0)
            else:
                end = StepEnded(step, outcome, sentence, 0.0, (), hint, exit_code)
            first = first or name
            self.ended[name] = end
            self._tell(end)


_LATER = "type the command again later; with `--lock-timeout SECONDS` it waits longer"
