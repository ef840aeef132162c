"""The working verbs: steps are performed, and every end is recorded as it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlops_ci.errors import TryAgain
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.events import Event, Outcome, StepEnded
from mlops_ci.executor.healing import heal
from mlops_ci.executor.offers import adopt
from mlops_ci.executor.reading import record
from mlops_ci.executor.schedule import OnFailure, exit_code, run_steps
from mlops_ci.executor.turns import Patience
from mlops_ci.executor.world import World
from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.plan.change import Plan
from mlops_ci.plan.desired import Reach
from mlops_ci.plan.diff import is_seen
from mlops_ci.plan.steps import Deploy, Promote, Scheduled
from mlops_ci.records.facts import Seen


@dataclass(frozen=True, slots=True)
class Result:
    """How every step ended, and what that means for the command."""

    ended: tuple[StepEnded, ...]
    exit_code: int


def work(
    world: World,
    situation: Situation,
    steps: tuple[Scheduled, ...],
    *,
    width: int,
    on_failure: OnFailure,
    patience: Patience,
    emit: Callable[[Event], None],
    cancel: Callable[[], None],
) -> Result:
    """Perform steps and return how they ended."""
    adopt(world, situation.believed)
    _see(world, situation)
    heal(world, situation)
    ended = run_steps(
        world, situation, steps, width=width, on_failure=on_failure, patience=patience, emit=emit, cancel=cancel
    )
    return Result(ended, 130 if world.is_cancelled() else exit_code(ended))


def without_merges(result: Result) -> int:
    """Return the exit code of a command that may leave pull requests behind: those are for people to merge."""
    if result.exit_code != TryAgain.exit_code:
        return result.exit_code
    left = (end for end in result.ended if end.exit_code)
    return 0 if all(isinstance(end.step, Promote | Deploy) and end.outcome is Outcome.WAITING for end in left) else 75


_NO = {"run": {"blocked": 1, "nobody": 1, "approval": 75}, "promote": {"nobody": 1}}
"""What notes of a plan mean for a verb that found nothing to do about them."""


def closed(plan: Plan, verb: str) -> int:
    """Return what the plan's notes mean for a verb: to `run` a closed gate is still a no, to `train` it is nothing."""
    found = {_NO.get(verb, {}).get(note.code, 0) for note in plan.notes}
    return 1 if 1 in found else 75 if 75 in found else 0


def _see(world: World, situation: Situation) -> None:
    """Record the fields that cause no work, so that the plan tells a change of them once."""
    for desired in situation.desired:
        if desired.reach is Reach.RELEASE and not is_seen(desired, situation.ledger):
            last = next(reversed(situation.ledger.seen.get(desired.name, ())), None)
            recipe, number = canonical(dict(desired.metadata())), last.number + 1 if last else 1
            record(world, Seen(desired.name, desired.state(), recipe, world.clock.now(), number))
