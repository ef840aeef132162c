"""The steps of a run that have not begun, and whose models must be ours before one of them begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Self, assert_never

from mlops_ci.errors import MlopsError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.events import Event, Outcome, Replanned, StepEnded
from mlops_ci.executor.turns import Patience, Turn, Turns
from mlops_ci.executor.waiting import Waiting
from mlops_ci.executor.world import World
from mlops_ci.plan.steps import Scheduled


class Queue:
    """A context, at whose end every model is let go. `end` is called with the ends of steps that never begin."""

    def __init__(
        self,
        world: World,
        situation: Situation,
        steps: tuple[Scheduled, ...],
        patience: Patience,
        end: Callable[[Iterable[StepEnded]], None],
        tell: Callable[[Event], None],
    ) -> None:
        self._waiting = Waiting(steps)
        self._parked: dict[str, list[Scheduled]] = {}  # may begin, but for another command, by model
        self._left = Counter(scheduled.step.model for scheduled in steps)
        self._first = situation
        self._anew: dict[str, Situation] = {}
        self._replan = patience.replan
        self._turns = Turns(world, patience, tell)
        self._end = end
        self._tell = tell

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._turns.leave_all()

    def __bool__(self) -> bool:
        """Return whether a step has neither begun nor been given up."""
        return bool(self._waiting) or bool(self._parked)

    def situation(self, model: str) -> Situation:
        """Return the situation that a model's steps are performed in."""
        return self._anew.get(model, self._first)

    def next(self) -> Scheduled | None:
        """Return the first step that may begin now and whose model is ours, as begun; None where there is none."""
        for model in tuple(self._parked):
            steps = self._parked.pop(model)
            if self._admits(model, steps):
                self._waiting.put_back(steps)
        while (scheduled := self._waiting.next()) is not None:
            model = scheduled.step.model
            if model in self._parked:
                self._parked[model].append(scheduled)
            elif self._admits(model, [scheduled]):
                return scheduled
        return None

    def note(self, finished: StepEnded) -> None:
        """Take note of how a step ended; what needs it and cannot begin ends, too."""
        stopped = tuple(self._waiting.ended(finished))
        self._end(stopped)
        self._count((finished, *stopped))

    def give_up(self, begun: set[str]) -> None:
        """End the steps of models that are not among `begun`."""
        for model in [model for model in self._parked if model not in begun]:
            self._waiting.put_back(self._parked.pop(model))
        self._drop(tuple(self._waiting.give_up(begun)))

    def clear(self) -> None:
        """Begin nothing any more, and say nothing of it."""
        self._waiting.clear()
        self._parked.clear()

    def _admits(self, model: str, steps: list[Scheduled]) -> bool:
        """Return whether these steps may begin now; where not, they are parked, or planned anew, or given up."""
        match self._turns.ask(model):
            case Turn.OURS:
                return True
            case Turn.BUSY:
                self._parked[model] = steps
            case Turn.ANEW:
                self._plan_anew(model, steps)
            case Turn.LATE:
                self._refuse(model, steps, self._turns.late(model), _LATER, Outcome.WAITING, 75)
            case turn:
                assert_never(turn)
        return False

    def _plan_anew(self, model: str, held: list[Scheduled]) -> None:
        try:
            situation, steps = self._replan(model)
        except MlopsError as error:
            hint = error.hint or f"mlops-ci plan {model}"
            self._refuse(model, held, error.summary, hint, Outcome.FAILED, error.exit_code)
            return
        before = {scheduled.step.id for scheduled in (*held, *self._waiting.forget(model))}
        self._waiting.add(steps)
        self._anew[model] = situation
        self._left[model] = len(steps)
        if self._turns.has_waited(model) or before != {scheduled.step.id for scheduled in steps}:
            self._tell(Replanned(model, len(steps)))
        self._count(())

    def _refuse(
        self, model: str, held: list[Scheduled], sentence: str, hint: str, outcome: Outcome, exit_code: int
    ) -> None:
        """End every step of a model: the first says why, the others that it did."""
        first, *others = (scheduled.step for scheduled in (*held, *self._waiting.forget(model)))
        why = f"not begun, because `{first.id}` did not end well"
        told = StepEnded(first, outcome, sentence, 0.0, (), hint, exit_code)
        self._drop((told, *(StepEnded(step, Outcome.STOPPED, why, 0.0) for step in others)))

    def _drop(self, ends: tuple[StepEnded, ...]) -> None:
        self._end(ends)
        self._count(ends)

    def _count(self, ends: tuple[StepEnded, ...]) -> None:
        """Let go of models of which no step is left."""
        self._left.subtract(Counter(end.step.model for end in ends))
        for model in [model for model, left in self._left.items() if left <= 0]:
            del self._left[model]
            self._turns.leave(model)


_LATER = "type the command again later; with `--lock-timeout SECONDS` it waits longer"
