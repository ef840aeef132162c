"""The schedule: steps in the order of their needs, several at a time, the others going on when one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from enum import Enum
from threading import Lock

from mlops_ci.executor.assess import Situation
from mlops_ci.executor.events import Event, Outcome, StepEnded
from mlops_ci.executor.perform import perform
from mlops_ci.executor.queue import Queue
from mlops_ci.executor.turns import PAUSE, Patience
from mlops_ci.executor.world import World
from mlops_ci.plan.steps import Scheduled


class OnFailure(Enum):
    """What becomes of the other models when a step of one did not end well; its own other steps go on in any case."""

    BEGIN_NO_OTHER = "models that have not begun do not begin"
    KEEP_GOING = "all other models go on"


def run_steps(
    world: World,
    situation: Situation,
    steps: tuple[Scheduled, ...],
    *,
    width: int,
    on_failure: OnFailure,
    patience: Patience,
    emit: Callable[[Event], None],
    cancel: Callable[[], None],
) -> tuple[StepEnded, ...]:
    """Return how each step ended, in the order in which they did.

    At most `width` steps go on at a time. A step whose needs did not end well is skipped, with the reason; all others
    go on. A model that another command works on is waited for, see `turns`. On Ctrl-C `cancel` is called, running steps
    end their jobs, and what has not begun does not.
    """
    ended: list[StepEnded] = []
    running: dict[Future[StepEnded], str] = {}
    begun: set[str] = set()  # models
    lock, has_failed = Lock(), False

    def tell(event: Event) -> None:
        with lock:
            emit(event)

    def end(found: Iterable[StepEnded]) -> None:
        for stopped in found:
            ended.append(stopped)
            tell(stopped)

    queue = Queue(world, situation, steps, patience, end, tell)
    with queue, ThreadPoolExecutor(max_workers=max(1, width)) as pool:
        while queue or running:
            try:
                while len(running) < width and (scheduled := queue.next()) is not None:
                    begun.add(scheduled.step.model)
                    now = queue.situation(scheduled.step.model)
                    running[pool.submit(perform, world, now, scheduled.step, tell)] = scheduled.step.id
                if not running and queue:  # all that is left is waited for
                    world.clock.sleep(PAUSE)
                done, _ = wait(running, timeout=PAUSE, return_when=FIRST_COMPLETED)
                for future in done:
                    del running[future]
                    finished = future.result()
                    ended.append(finished)
                    queue.note(finished)
                    is_no = finished.exit_code and finished.outcome is not Outcome.WAITING  # for people: no failure
                    if on_failure is OnFailure.BEGIN_NO_OTHER and is_no and not has_failed:
                        has_failed = True  # afterwards only models that have begun are left
                        queue.give_up(begun)
            except KeyboardInterrupt:
                cancel()
            if world.is_cancelled():
                queue.clear()
    return tuple(ended)


def exit_code(ended: tuple[StepEnded, ...]) -> int:
    """Return what these ends mean for the command: the gravest of them."""
    found = {end.exit_code for end in ended}
    return next((code for code in (130, 70, 69, 65, 1, 75) if code in found), 0)
