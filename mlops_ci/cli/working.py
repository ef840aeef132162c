"""The working verbs: each performs the part of the plan that carries its name."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TypeAlias

from mlops_ci.cli.reading import tell_where_head_stayed, warn
from mlops_ci.cli.session import Session, unread
from mlops_ci.commands import select
from mlops_ci.commands.work import Result, closed, work
from mlops_ci.executor.assess import Situation, assess
from mlops_ci.executor.events import Event
from mlops_ci.executor.schedule import OnFailure
from mlops_ci.executor.turns import Patience
from mlops_ci.executor.world import World
from mlops_ci.plan.steps import Scheduled

Choose: TypeAlias = Callable[[Situation], tuple[Scheduled, ...]]
"""From a situation to the steps that a verb performs."""


def train_verb(session: Session) -> int:
    """Train what needs it."""
    wanted = tuple(session.arguments.candidate)
    if session.arguments.replace:
        return _perform(session, lambda situation: select.replacing(situation, wanted), candidates=wanted)
    return _perform(session, lambda situation: select.trainings(situation, wanted, "train"), candidates=wanted)


def evaluate_verb(session: Session) -> int:
    """Evaluate what was trained."""
    return _perform(session, lambda situation: select.part(situation, "evaluate"))


def promote_verb(session: Session) -> int:
    """Let the best become champion."""
    return _perform(session, lambda situation: select.part(situation, "promote"))


def run_verb(session: Session) -> int:
    """Perform the whole plan."""
    return _perform(session, lambda situation: select.part(situation, "run"))


def deploy_verb(session: Session) -> int:
    """Make an environment serve what is released for it."""
    return _on_environment(session, "deploy")


def test_verb(session: Session) -> int:
    """Test what an environment serves."""
    return _on_environment(session, "test")


def gate_verb(session: Session) -> int:
    """Ask whether an environment opens."""
    return _on_environment(session, "gate")


def _on_environment(session: Session, verb: str) -> int:
    return _perform(session, lambda situation: select.on_environment(situation, verb, session.arguments.environment))


def _perform(session: Session, choose: Choose, *, candidates: tuple[str, ...] = ()) -> int:
    world = session.world()
    planned = world.clock.now()
    situation = assess(world, session.models, fetch=True)
    warn(session, situation.warnings, situation.ledger.damaged)
    select.refuse_unknown(situation, candidates)
    started = monotonic()

    def replan(model: str) -> tuple[Situation, tuple[Scheduled, ...]]:
        now = assess(world, (model,), fetch=True)
        return now, choose(now)

    with session.printer() as printer:

        def show(event: Event) -> None:
            with unread(session.err):  # who listened went away; the work goes on, and is recorded
                printer.show(event)

        result = work(
            world,
            situation,
            choose(situation),
            width=session.width,
            on_failure=OnFailure.KEEP_GOING if session.arguments.keep_going else OnFailure.BEGIN_NO_OTHER,
            patience=Patience(session.arguments.lock_timeout, planned, replan),
            emit=show,
            cancel=session.cancelled.set,
        )
    return _report(session, world, situation, result, monotonic() - started)


def _report(session: Session, world: World, situation: Situation, result: Result, seconds: float) -> int:
    from mlops_ci.views.plan import plan_text

    if not result.ended:
        if situation.plan.steps:  # another command did it meanwhile
            situation = assess(world, session.models, fetch=False)
        session.say(plan_text(situation.plan, ink=session.ink(session.out)))
        return closed(situation, session.arguments.verb)
    session.talk("")
    from mlops_ci.plan.leaderboard import leaderboard
    from mlops_ci.plan.status import status
    from mlops_ci.views.run import RunReport, run_text

    after = assess(world, session.models, fetch=False)
    code = result.exit_code or closed(after, session.arguments.verb)  # a model without steps may have a closed gate
    report = RunReport(
        result.ended,
        leaderboard(after.desired, after.ledger),
        status(after.desired, after.ledger, after.deployed),
        code,
        seconds,
    )
    session.say(run_text(report, ink=session.ink(session.out)))
    tell_where_head_stayed(session, world, situation.plan.basis.tip)
    return code
