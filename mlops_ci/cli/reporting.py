"""`--junit FILE`: what a verb found is written as a JUnit report, also where it failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlops_ci.cli.session import Session
from mlops_ci.errors import MlopsError
from mlops_ci.executor.assess import Situation, assess
from mlops_ci.executor.world import World
from mlops_ci.views.junit import (
    Case,
    board_cases,
    check_cases,
    end_case,
    error_cases,
    gate_cases,
    junit,
    validation_cases,
)


def reported(session: Session, perform: Callable[[Session], int]) -> int:
    """Return the exit code of a verb, whose report is written; what it raises is reported and raised on.

    The report is of what is on record afterwards, so that a verb that had nothing to do reports it, too.
    """
    verb = session.arguments.verb
    try:
        code = perform(session)
    except MlopsError as error:
        _write(session, error_cases(verb, error))
        raise
    try:
        found = (*_cases(session), end_case(verb, code))
    except MlopsError as error:
        found = error_cases(verb, error)
    _write(session, found)
    return code


def _write(session: Session, cases: tuple[Case, ...]) -> None:
    place = Path(session.folder, session.arguments.junit)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(junit(session.arguments.verb, cases), encoding="utf-8")


def _cases(session: Session) -> tuple[Case, ...]:
    world = session.world()
    situation = assess(world, session.models, fetch=False)
    match session.arguments.verb:
        case "validate":
            from mlops_ci.views.validation import Validation

            models = tuple((d.name, tuple(c.name for c in d.candidates)) for d in situation.desired)
            return validation_cases(Validation(models, situation.warnings, is_valid=True))
        case "evaluate":
            from mlops_ci.plan.leaderboard import leaderboard

            return board_cases(leaderboard(situation.desired, situation.ledger))
        case "test":
            return _tested(session.arguments.environment, situation)
        case _:
            return _gates(session.arguments.environment, world, situation)


def _tested(name: str, situation: Situation) -> tuple[Case, ...]:
    standing = ((d, d.release.standing(name)) for d in situation.desired)
    runs = (
        situation.ledger.last_test(d.name, name, found.package, d.suite(found.package))
        for d, found in standing
        if found is not None
    )
    return check_cases(name, (run for run in runs if run is not None))


def _gates(name: str, world: World, situation: Situation) -> tuple[Case, ...]:
    from mlops_ci.commands.superseded import superseded
    from mlops_ci.plan.gates import gates

    return gate_cases(gates(situation.desired, name, situation.ledger, superseded(world, situation)))
