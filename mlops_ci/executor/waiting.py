"""Steps that have not begun: which may begin now, and which never will.

Every step is looked at when something it needs ends, and at no other time, so that a thousand steps cost a thousand
times what one costs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from mlops_ci.executor.events import Outcome, StepEnded
from mlops_ci.plan.steps import Gate, Scheduled, Test


class Waiting:
    """The steps of a run that have not begun, in the order of the plan. Not for more than one thread."""

    def __init__(self, steps: tuple[Scheduled, ...]) -> None:
        self._steps: dict[str, tuple[int, Scheduled]] = {}
        self._behind: dict[str, list[str]] = defaultdict(list)
        self._missing: dict[str, int] = {}
        self._ready: list[tuple[int, str]] = []
        self._count = 0
        self.add(steps)

    def add(self, steps: tuple[Scheduled, ...]) -> None:
        """Take more steps, behind those that are here; none of them has begun."""
        added = {scheduled.step.id: (number, scheduled) for number, scheduled in enumerate(steps, self._count)}
        self._count += len(steps)
        self._steps.update(added)
        for name, (number, scheduled) in added.items():
            # A need that is no step of this run is somebody else's part.
            needs = {need for need in scheduled.needs if need in added}
            self._missing[name] = len(needs)
            for need in needs:
                self._behind[need].append(name)
            if not needs:
                heappush(self._ready, (number, name))

    def put_back(self, steps: Iterable[Scheduled]) -> None:
        """Take steps back that `next` gave, and that did not begin; they may begin at any time."""
        for scheduled in steps:
            self._steps[scheduled.step.id] = (self._count, scheduled)
            heappush(self._ready, (self._count, scheduled.step.id))
            self._count += 1

    def forget(self, model: str) -> tuple[Scheduled, ...]:
        """Return the steps of a model that have not begun, and know them no more."""
        found = tuple(scheduled for _, scheduled in self._steps.values() if scheduled.step.model == model)
        for scheduled in found:
            del self._steps[scheduled.step.id]
            self._missing.pop(scheduled.step.id, None)
            self._behind.pop(scheduled.step.id, None)
            for need in scheduled.needs:
                self._behind.pop(need, None)
        return found

    def __bool__(self) -> bool:
        """Return whether a step has neither begun nor been given up."""
        return bool(self._steps)

    def next(self) -> Scheduled | None:
        """Return the first step of the plan that may begin now, as begun; None where there is none."""
        while self._ready:
            number, name = heappop(self._ready)
            if name in self._steps and self._steps[name][0] == number:  # else given up, or another of that name
                return self._steps.pop(name)[1]
        return None

    def ended(self, end: StepEnded) -> Iterator[StepEnded]:
        """Take note of an end; yield the ends of the steps that will not begin for it, and of those behind them."""
        ends = [end]
        while ends:
            before = ends.pop()
            for name in self._behind.pop(before.step.id, ()):
                if name not in self._steps:
                    continue
                number, scheduled = self._steps[name]
                self._missing[name] -= 1
                if not _opens(before, scheduled):
                    del self._steps[name]
                    why = f"not begun, because `{before.step.id}` did not end well"
                    stopped = StepEnded(scheduled.step, Outcome.STOPPED, why, 0.0)
                    ends.append(stopped)
                    yield stopped
                elif not self._missing[name]:
                    heappush(self._ready, (number, name))

    def give_up(self, begun: set[str]) -> Iterator[StepEnded]:
        """Yield the ends of the steps of models that are not among `begun`: they will not begin any more."""
        for name, (_, scheduled) in tuple(self._steps.items()):
            if scheduled.step.model not in begun:
                del self._steps[name]
                why = "not begun, because a step before it did not end well"
                hint = "--keep-going begins it all the same"
                yield StepEnded(scheduled.step, Outcome.STOPPED, why, 0.0, hint=hint)

    def clear(self) -> None:
        """Begin nothing any more, and say nothing of it."""
        self._steps.clear()


def _opens(before: StepEnded, scheduled: Scheduled) -> bool:
    """Return whether a step may begin after that end; a gate judges refused tests itself: it may ask for fewer."""
    is_judged = isinstance(scheduled.step, Gate) and isinstance(before.step, Test) and before.outcome is Outcome.REFUSED
    return before.outcome.opens or is_judged
