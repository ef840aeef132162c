"""The schedule: steps in the order of their needs, several at a time, the others going on when one fails."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from enum import Enum
from threading import Lock

from mlops_ci.executor.assess import Situation
from mlops_ci.executor.events import Event, Outcome, StepEnded
from mlops_ci.executor.perform import perform
from mlops_ci.executor.queue import Queue
from mlops_ci.executor.turns import PAUSE, Patience
from mlops_ci.executor.world import World
from mlops_ci.plan.steps import Gate, Scheduled, Test


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
    ended: dict[str, StepEnded] = {}
    waiting = {scheduled.step.id: scheduled for scheduled in steps}
    running: dict[Future[StepEnded], str] = {}
    lock = Lock()

    def tell(event: Event) -> None:
        with lock:
            emit(event)

    queue = Queue(world, situation, patience, waiting, ended, tell)
    with queue, ThreadPoolExecutor(max_workers=max(1, width)) as pool:
        while waiting or running:
            try:
                _start(world, queue, running, pool, width, tell)
                done, _ = wait(running, timeout=PAUSE, return_when=FIRST_COMPLETED)
                if not running:
                    world.clock.sleep(PAUSE if waiting else 0.0)
                for future in done:
                    name = running.pop(future)
                    ended[name] = future.result()
                    if on_failure is OnFailure.BEGIN_NO_OTHER and ended[name].exit_code:
                        _drop_others(waiting, running, ended, tell)
                queue.let_go(name.split("/")[0] for name in running.values())
            except KeyboardInterrupt:
                cancel()
            if world.is_cancelled():
                waiting.clear()
    return tuple(ended.values())


def _start(
    world: World,
    queue: Queue,
    running: dict[Future[StepEnded], str],
    pool: ThreadPoolExecutor,
    width: int,
    tell: Callable[[Event], None],
) -> None:
    """Start every step that may start; skip those that never will."""
    waiting, ended = queue.waiting, queue.ended
    for name, scheduled in tuple(waiting.items()):
        if waiting.get(name) is not scheduled:
            continue  # planned anew, or given up
        needs = [need for need in scheduled.needs if need in waiting or need in running.values() or need in ended]
        blocked = next((ended[n] for n in needs if n in ended and not _opens(ended[n], scheduled)), None)
        if blocked is not None:
            del waiting[name]
            why = f"not begun, because `{blocked.step.id}` did not end well"
            ended[name] = StepEnded(scheduled.step, Outcome.STOPPED, why, 0.0)
            tell(ended[name])
        elif len(running) < width and all(need in ended for need in needs) and queue.admits(scheduled.step.model):
            if waiting.get(name) is not scheduled:
                continue  # its model was planned anew just now
            del waiting[name]
            situation = queue.situation(scheduled.step.model)
            running[pool.submit(perform, world, situation, scheduled.step, tell)] = name


def _opens(before: StepEnded, scheduled: Scheduled) -> bool:
    """Return whether a step may begin after that end; a gate judges refused tests itself: it may ask for fewer."""
    is_judged = isinstance(scheduled.step, Gate) and isinstance(before.step, Test) and before.outcome is Outcome.REFUSED
    return before.outcome.opens or is_judged


def _drop_others(
    waiting: dict[str, Scheduled],
    running: dict[Future[StepEnded], str],
    ended: dict[str, StepEnded],
    tell: Callable[[Event], None],
) -> None:
    """End the steps of models of which nothing has begun."""
    begun = {name.split("/")[0] for name in (*running.values(), *ended)}
    for name, scheduled in tuple(waiting.items()):
        if scheduled.step.model not in begun:
            del waiting[name]
            why = "not begun, because a step before it did not end well"
            ended[name] = StepEnded(
                scheduled.step, Outcome.STOPPED, why, 0.0, hint="--keep-going begins it all the same"
            )
            tell(ended[name])


def exit_code(ended: tuple[StepEnded, ...]) -> int:
    """Return what these ends mean for the command: the gravest of them."""
    found = {end.exit_code for end in ended}
    return next((code for code in (130, 70, 69, 65, 1, 75) if code in found), 0)
