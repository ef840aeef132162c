"""The working verbs: each performs the part of the plan that carries its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import TypeAlias

from mlops_ci.cli.reading import tell_where_head_stayed, warn
from mlops_ci.cli.session import Session, unread
from mlops_ci.commands import select
from mlops_ci.commands.superseded import plan_of, superseded, told
from mlops_ci.commands.work import Result, closed, without_merges, work
from mlops_ci.errors import MlopsError
from mlops_ci.executor.assess import Situation, assess
from mlops_ci.executor.events import Event
from mlops_ci.executor.reading import current_ledger
from mlops_ci.executor.registering import hear_all
from mlops_ci.executor.schedule import OnFailure
from mlops_ci.executor.turns import Patience
from mlops_ci.executor.world import World
from mlops_ci.plan.steps import Scheduled
from mlops_ci.ports.stores import RecordStore

Choose: TypeAlias = Callable[[Situation], tuple[Scheduled, ...]]
"""From a situation to the steps that a verb performs."""
Report: TypeAlias = Callable[[World, Result, int], int]
"""From how steps ended, and the exit code that this means, to the exit code of the verb, having told more."""
Look: TypeAlias = Callable[[tuple[str, ...]], Situation]
"""From models (names or globs; none means all) to their situation now."""


def evaluate_verb(session: Session) -> int:
    """Evaluate what was trained."""
    return perform(session, lambda situation: select.part(situation, "evaluate"))


def promote_verb(session: Session) -> int:
    """Let the best become champion."""
    return perform(session, lambda situation: select.part(situation, "promote"))


def run_verb(session: Session) -> int:
    """Perform the whole plan, or one that was saved."""

    def choose(situation: Situation) -> tuple[Scheduled, ...]:
        return select.part(situation, "run")

    name = next((name for name in session.models if name.endswith(".json")), "")  # no model's name has a dot
    if not name:
        _check_names(session)
        return _run(session, choose)
    from mlops_ci.cli.saving import taken_up
    from mlops_ci.executor.saved import take_up

    its, world, saved = taken_up(session, name)
    return _work(its, world, lambda _: take_up(world, saved, name), choose)


def _check_names(session: Session) -> None:
    """Refuse what looks like a file: a saved plan ends with `.json`, and a model's name has no dot."""
    name = next((name for name in session.models if "." in name), "")
    if not name:
        return
    from mlops_ci.errors import UsageError
    from mlops_ci.manifest.document import did_you_mean

    there = [path.name for path in session.folder.glob("*.json")]
    hint = did_you_mean(name, there, "mlops-ci plan -o plan.json, or mlops-ci status for the models there are")
    raise UsageError(f"there is no model `{name}`, and a saved plan's name ends with `.json`", hint=hint)


def _run(session: Session, choose: Choose) -> int:
    """Perform the plan of the models that have something to do; of the others nothing is looked at that is known."""
    from mlops_ci.executor.survey import survey
    from mlops_ci.views.plan import plan_text

    glance = session.glance()
    found = survey(glance, session.models, fetch=True)
    is_behind = found is not None and found.plan.basis.commit != found.plan.basis.tip  # the checkout may have to follow
    if found is None or is_behind or not glance.is_current:
        world = session.world()
        return _work(session, world, _listening(world, lambda models: assess(world, models, fetch=True)), choose)
    busy = found.busy().plan.models
    rest = found.quiet() if busy else found
    warn(session, rest.warnings, rest.damaged)
    if not busy:
        session.say(plan_text(found.plan, ink=session.ink(session.out)))
        _settle(session, glance.records)
        return 0
    world = session.world(glance)
    fetches = iter((False,))  # the survey fetched just now

    def look(models: tuple[str, ...]) -> Situation:
        return assess(world, models, fetch=next(fetches, True))

    return _work(session.about(busy), world, _listening(world, look), choose, quiet=rest.plan.models)


def _listening(world: World, look: Look) -> Look:
    """Return a look that hears what people decided in the registry of models that wait for one."""

    def listen(models: tuple[str, ...]) -> Situation:
        situation = look(models)
        return look(models) if hear_all(world, situation) else situation

    return listen


def deploy_verb(session: Session) -> int:
    """Make an environment serve what is released for it, of all models or of those that a gate said waited."""
    if session.arguments.waiting is None:
        return _on_environment(session, "deploy")
    from mlops_ci.cli.handing import narrowed, refuse_both

    refuse_both(session)
    world = session.world()
    models = tuple(dict.fromkeys(model for model, _ in narrowed(session, world)))
    if not models:
        session.say("nothing waits, so nothing is deployed")
        return 0
    return _on_environment(session.about(models), "deploy", world=world)


def test_verb(session: Session) -> int:
    """Test what an environment serves."""
    return _on_environment(session, "test")


def gate_verb(session: Session) -> int:
    """Ask whether an environment opens."""
    from mlops_ci.cli.handing import show_gates

    if session.arguments.format == "text":
        return _on_environment(session, "gate")

    def told_to_all(world: World, result: Result, code: int) -> int:
        return show_gates(session, world, result, code)

    return _on_environment(session, "gate", report=told_to_all)


def _on_environment(session: Session, verb: str, *, world: World | None = None, report: Report | None = None) -> int:
    world = world or session.world()

    def choose(situation: Situation) -> tuple[Scheduled, ...]:
        behind = superseded(world, situation)
        return select.on_environment(situation, verb, session.arguments.environment, behind)

    return perform(session, choose, world=world, report=report)


def perform(
    session: Session,
    choose: Choose,
    look_over: Callable[[Situation], None] = lambda _: None,
    *,
    world: World | None = None,
    report: Report | None = None,
) -> int:
    """Perform what is chosen of the plan; `look_over` may tell or refuse something of the situation before."""
    world = world or session.world()

    def look(models: tuple[str, ...]) -> Situation:
        return assess(world, models, fetch=True)

    return _work(session, world, look, choose, look_over=look_over, report=report)


def _work(
    session: Session,
    world: World,
    look: Look,
    choose: Choose,
    *,
    look_over: Callable[[Situation], None] = lambda _: None,
    quiet: tuple[str, ...] = (),
    report: Report | None = None,
) -> int:
    """Perform steps and tell how they ended; `quiet` are models of which it is known that nothing is to do."""
    planned = world.clock.now()
    situation = look(session.models)
    warn(session, situation.warnings, situation.ledger.damaged)
    _tell_superseded(session, world, situation)
    look_over(situation)
    started = monotonic()

    def replan(model: str) -> tuple[Situation, tuple[Scheduled, ...]]:
        now = look((model,))
        current_ledger(world, model)  # what another command recorded meanwhile is known from here on
        return now, tuple(scheduled for scheduled in choose(now) if scheduled.step.model == model)

    with session.printer() as printer:

        def show(event: Event) -> None:
            with unread(session.err):  # who listened went away; the work goes on, and is recorded
                printer.show(event)

        result = work(
            world,
            situation,
            choose(situation),
            width=session.width,
            on_failure=_on_failure(session),
            patience=Patience(session.arguments.lock_timeout, planned, replan),
            emit=show,
            cancel=session.cancelled.set,
        )
    if result.ended:
        code = _report(session, world, situation, result, monotonic() - started, report)
    else:
        code = _tell_idle(session, world, situation, quiet)
        code = report(world, result, code) if report else code
    _settle(session, world.records)
    return code


def _say(session: Session, text: str) -> None:
    """Print text for people, where data of another form does not follow."""
    if session.arguments.format not in {"json", "md"}:
        session.say(text)


def _on_failure(session: Session) -> OnFailure:
    """Return whether other models go on after a no: what a gate says of one is no reason not to ask it of another."""
    goes_on = session.arguments.keep_going or session.arguments.verb == "gate"
    return OnFailure.KEEP_GOING if goes_on else OnFailure.BEGIN_NO_OTHER


def _tell_superseded(session: Session, world: World, situation: Situation) -> None:
    """Tell which models the branch has left behind: a job of an older commit releases nothing of them."""
    for model in superseded(world, situation):
        session.talk(told(world, situation, model))
        session.talk("hint: whoever works for the newer commit goes on; here: git pull, then mlops-ci run")


def _settle(session: Session, records: RecordStore) -> None:
    """Have what was recorded be read fast by whoever comes next; where that fails the work is done all the same."""
    try:
        records.settle()
    except MlopsError as error:
        session.talk(f"warning[not-packed]: {error.summary}")
        session.talk(f"hint: {error.hint}")


def _tell_idle(session: Session, world: World, situation: Situation, quiet: tuple[str, ...]) -> int:
    """Tell the plan of which no step was performed, and return what it means for the verb."""
    from mlops_ci.views.plan import plan_text

    if situation.plan.steps:  # another command did it meanwhile
        situation = assess(world, session.models, fetch=False)
    plan = plan_of(world, situation)
    plan = replace(plan, models=tuple(sorted((*plan.models, *quiet))))
    _say(session, plan_text(plan, ink=session.ink(session.out)))
    return closed(plan, session.arguments.verb)


def _report(
    session: Session, world: World, situation: Situation, result: Result, seconds: float, also: Report | None
) -> int:
    session.talk("")
    from mlops_ci.plan.leaderboard import leaderboard
    from mlops_ci.plan.status import status
    from mlops_ci.views.run import RunReport, run_text

    after = assess(world, session.models, fetch=False)
    may_wait = getattr(session.arguments, "may_wait", False)
    code = without_merges(result) if may_wait else result.exit_code
    code = code or closed(after.plan, session.arguments.verb)  # a model without steps may have a closed gate
    code = also(world, result, code) if also else code
    report = RunReport(
        result.ended,
        leaderboard(after.desired, after.ledger),
        status(after.desired, after.ledger, after.deployed),
        code,
        seconds,
    )
    _say(session, run_text(report, ink=session.ink(session.out), width=session.columns))
    tell_where_head_stayed(session, world, situation.plan.basis.tip)
    return code
