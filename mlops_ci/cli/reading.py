"""The reading verbs: they touch nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mlops_ci.cli.session import Session

if TYPE_CHECKING:
    from mlops_ci.diagnostics import Diagnostic
    from mlops_ci.executor.assess import Situation
    from mlops_ci.executor.world import World
    from mlops_ci.plan.change import Plan
    from mlops_ci.records.damaged import Damaged
    from mlops_ci.views.validation import Validation


def situation_of(session: Session, world: World | None = None) -> Situation:
    """Return the situation of the selected models, and tell its warnings."""
    from mlops_ci.executor.assess import assess

    situation = assess(world or session.world(), session.models, fetch=False)
    warn(session, situation.warnings, situation.ledger.damaged)
    return situation


def plan_of(session: Session) -> Plan:
    """Return the plan of the selected models, and tell its warnings; what did not change is not looked at again."""
    from mlops_ci.executor.survey import survey

    found = survey(session.glance(), session.models)
    if found is None:
        return situation_of(session).plan
    warn(session, found.warnings, found.damaged)
    return found.plan


def warn(session: Session, warnings: tuple[Diagnostic, ...], damaged: tuple[Damaged, ...]) -> None:
    """Tell warnings about the manifests, and the records that could not be read."""
    if warnings:
        from mlops_ci.views.diagnostics import render

        session.talk(render(warnings))
    if not damaged:
        return
    from mlops_ci.ports.stores import place_of

    for record in damaged:
        session.talk(f"warning[damaged-record]: `{place_of(record.name)}` is passed over: {record.reason}")
    session.talk("hint: delete such files in the store, or copy them from another store")


def tell_where_head_stayed(session: Session, world: World, before: str) -> None:
    """Tell where the release branch moved on from `before`, its former tip, and what is checked out here did not."""
    head, tip = world.repository.head(), world.repository.tip(fetch=False)
    branch, remote = world.project.branch, world.project.remote
    if head.branch == branch and head.commit != tip != before and not tip.startswith("private-"):
        session.talk(f"warning[not-followed]: `{branch}` here is not where it is on `{remote}`")
        session.talk(f"hint: git pull --rebase {remote} {branch}")


def validate_verb(session: Session) -> int:
    """Check the manifests."""
    from mlops_ci.errors import ManifestError
    from mlops_ci.executor.assess import assess
    from mlops_ci.views.validation import Validation

    try:
        situation = assess(session.world(), session.models, fetch=False)
    except ManifestError as error:
        if session.arguments.format == "text":
            raise
        found = Validation((), error.diagnostics, is_valid=False)
    else:
        models = tuple((d.name, tuple(c.name for c in d.candidates)) for d in situation.desired)
        found = Validation(models, situation.warnings, is_valid=True)
        if session.arguments.format == "text":
            warn(session, situation.warnings, situation.ledger.damaged)
    code = 0 if found.is_valid else ManifestError.exit_code
    _show_validation(session, found, code)
    return code


def _show_validation(session: Session, found: Validation, code: int) -> None:
    from mlops_ci.views.validation import validation_json, validation_markdown, validation_text

    match session.arguments.format:
        case "github":
            from mlops_ci.views.annotations import validation_annotations

            session.command(validation_annotations(found, session.root()))
        case "sarif":
            from mlops_ci.commands.checks_page import checks_page
            from mlops_ci.views.explained import explained
            from mlops_ci.views.sarif import validation_sarif

            page, home = checks_page()
            session.say(validation_sarif(found, session.root(), explained(page), exit_code=code, home=home))
        case _:
            session.show(found, validation_text, validation_markdown, validation_json)


def plan_verb(session: Session) -> int:
    """Show what run would do; beside it what changed since a commit, and save it, where that is asked for."""
    from mlops_ci.views.plan import Detail, plan_json, plan_markdown, plan_text

    asked = session.arguments
    if asked.format in {"github", "codebuild"}:
        from mlops_ci.cli.commenting import plan_on_github

        return plan_on_github(session)
    if asked.out is not None:
        from mlops_ci.cli.saving import check, save_plan

        world = session.world()
        check(session, world)
        situation = situation_of(session, world)
        save_plan(session, world, situation)
        plan = situation.plan
    elif asked.base is not None:
        from mlops_ci.cli.saving import show_beside

        plan = plan_of(session)
        show_beside(session, session.world(), plan)
    else:
        plan = plan_of(session)
        detail = Detail.FULL if asked.verbose else Detail.BRIEF
        session.show(plan, partial(plan_text, detail=detail), plan_markdown, plan_json)
    return 2 if asked.detailed_exitcode and not plan.is_empty else 0


def leaderboard_verb(session: Session) -> int:
    """Show every accuracy."""
    from mlops_ci.plan.leaderboard import Scope, leaderboard
    from mlops_ci.views.leaderboard import Detail, leaderboard_json, leaderboard_markdown, leaderboard_text

    if session.arguments.compare:
        return _compare(session)
    situation = situation_of(session)
    if session.arguments.trials:
        return _trials(session, situation)
    scope = Scope.EVERY if session.arguments.every else Scope.TODAY
    board = leaderboard(situation.desired, situation.ledger, scope=scope)
    detail = Detail.SLICES if session.arguments.verbose else Detail.BRIEF
    text = partial(leaderboard_text, detail=detail, width=session.columns)
    session.show(board, text, leaderboard_markdown, leaderboard_json)
    return 0


def _compare(session: Session) -> int:
    from mlops_ci.commands.compare import compare
    from mlops_ci.views.comparison import comparison_json, comparison_markdown, comparison_text

    world = session.world()
    situation = situation_of(session, world)
    found = compare(world, situation, tuple(session.arguments.compare))
    text = partial(comparison_text, width=session.columns)
    session.show(found, text, comparison_markdown, comparison_json)
    return 0


def _trials(session: Session, situation: Situation) -> int:
    from mlops_ci.plan.searches import searches
    from mlops_ci.views.searches import searches_json, searches_markdown, searches_text

    found = searches(situation.desired, situation.ledger)
    session.show(found, searches_text, searches_markdown, searches_json)
    return 0


def status_verb(session: Session) -> int:
    """Show what serves where; and whether that is what git says, where an exit code or outputs shall tell it."""
    from mlops_ci.executor.assess import assess
    from mlops_ci.plan.status import status
    from mlops_ci.views.status import status_json, status_markdown, status_text

    asked = session.arguments
    if asked.detailed_exitcode or asked.format == "github":  # about git as it is now, not as this clone knows it
        situation = assess(session.world(), session.models, fetch=True)
        warn(session, situation.warnings, situation.ledger.damaged)
    else:
        situation = situation_of(session)
    found = status(situation.desired, situation.ledger, situation.deployed)
    session.show(found, status_text, status_markdown, status_json)
    if asked.format == "github":
        from mlops_ci.cli.actions import write_outputs, write_summary
        from mlops_ci.views.drift import drift_markdown, drift_outputs

        write_outputs(session.environment, drift_outputs(found))
        write_summary(session.environment, drift_markdown(found))
    return 2 if asked.detailed_exitcode and found.has_drift else 0
