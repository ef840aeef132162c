"""The working verbs: each performs the part of the plan that carries its name."""

from __future__ import annotations

import os
from time import monotonic

from mlops_ci.cli.reading import warn
from mlops_ci.cli.session import Session, unread
from mlops_ci.commands import select
from mlops_ci.commands.work import Result, closed, work
from mlops_ci.executor.assess import Situation, assess
from mlops_ci.executor.events import Event
from mlops_ci.executor.schedule import OnFailure
from mlops_ci.executor.world import World
from mlops_ci.plan.steps import Scheduled


def train_verb(session: Session) -> int:
    """Train what needs it."""
    world, situation = _begin(session)
    wanted = tuple(session.arguments.candidate)
    if session.arguments.replace:
        return _perform(session, world, situation, select.replacing(situation, wanted))
    return _perform(session, world, situation, select.trainings(situation, wanted, "train"))


def evaluate_verb(session: Session) -> int:
    """Evaluate what was trained."""
    world, situation = _begin(session)
    return _perform(session, world, situation, select.part(situation, "evaluate"))


def promote_verb(session: Session) -> int:
    """Let the best become champion."""
    world, situation = _begin(session)
    return _perform(session, world, situation, select.part(situation, "promote"))


def run_verb(session: Session) -> int:
    """Perform the whole plan, or one that was saved."""
    saved = next((name for name in session.models if name.endswith(".json")), "")  # no model's name has a dot
    if saved:
        from mlops_ci.cli.saving import taken_up

        session, world, situation = taken_up(session, saved)
        warn(session, situation.warnings, situation.ledger.damaged)
    else:
        world, situation = _begin(session)
    return _perform(session, world, situation, select.part(situation, "run"))


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
    world, situation = _begin(session)
    steps = select.on_environment(situation, verb, session.arguments.environment)
    return _perform(session, world, situation, steps)


def _begin(session: Session) -> tuple[World, Situation]:
    world = session.world()
    situation = assess(world, session.models, fetch=True)
    warn(session, situation.warnings, situation.ledger.damaged)
    return world, situation


def _perform(session: Session, world: World, situation: Situation, steps: tuple[Scheduled, ...]) -> int:
    started = monotonic()

    def show(event: Event) -> None:
        with unread(session.err):
            printer.show(event)

    with session.printer() as printer:

        def show(event: Event) -> None:
            try:
                printer.show(event)
            except BrokenPipeError:  # who listened went away; the work goes on, and is recorded
                os.dup2(os.open(os.devnull, os.O_WRONLY), session.err.fileno())

        result = work(
            world,
            situation,
            steps,
            width=session.width,
            on_failure=OnFailure.KEEP_GOING if session.arguments.keep_going else OnFailure.BEGIN_NO_OTHER,
            emit=show,
            cancel=session.cancelled.set,
        )
    return _report(session, world, situation, result, monotonic() - started)


def _report(session: Session, world: World, situation: Situation, result: Result, seconds: float) -> int:
    from mlops_ci.views.plan import plan_text

    if not result.ended:
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
    session.say(run_text(report, ink=session.ink(session.out), width=session.columns))
    return code
