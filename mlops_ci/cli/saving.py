"""Saved plans on the command line: `plan -o FILE`, `show FILE` and `run FILE`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from mlops_ci.cli.session import Session
from mlops_ci.commands.plans import check_name, load_saved, save
from mlops_ci.errors import UsageError
from mlops_ci.executor.assess import Situation, assess
from mlops_ci.executor.world import World
from mlops_ci.plan.change import Plan
from mlops_ci.plan.manifest_diff import Since
from mlops_ci.plan.saved import SavedPlan, saved_plan
from mlops_ci.plan.saved_json import digest_of
from mlops_ci.views.plan import Detail
from mlops_ci.views.planned import Planned, planned_json, planned_markdown, planned_text


def check(session: Session, world: World) -> None:
    """Refuse a name for the plan before any work is done; see `check_name`."""
    from mlops_ci.wiring import find

    name = session.arguments.out
    if name is not None:
        check_name(name, session.folder, find(session.folder) / world.project.pipelines)


def show_beside(session: Session, world: World, plan: Plan) -> None:
    """Print the plan, and what changed since the commit that is named."""
    _show(session, Planned(plan, _since(session, world)))


def save_plan(session: Session, world: World, situation: Situation) -> None:
    """Save the plan and print it with its digest, and what changed since a commit where one is named."""
    saved = _save(session, situation)
    _show(session, Planned(saved.plan, _since(session, world), digest_of(saved)))
    _tell_saved(session)


def keep_plan(session: Session) -> None:
    """Save the plan, and print no more of it than its digest."""
    world = session.world()
    check(session, world)
    saved = _save(session, assess(world, session.models, fetch=False))
    session.talk(f"plan: sha256 {digest_of(saved)}")
    _tell_saved(session)


def _save(session: Session, situation: Situation) -> SavedPlan:
    saved = saved_plan(situation.plan, situation.desired)
    save(saved, session.arguments.out, session.folder)
    return saved


def _tell_saved(session: Session) -> None:
    out = session.arguments.out
    session.talk(f"saved in `{out}`\nhint: mlops-ci run {out}")


def _since(session: Session, world: World) -> Since | None:
    if session.arguments.base is None:
        return None
    from mlops_ci.executor.compare import base_of, compare

    return compare(world, session.models, base_of(world, session.arguments.base))


def show_saved(session: Session, name: str) -> int:
    """Print a saved plan as `plan` does, with its digest; needs no project."""
    saved = _load(session, name)
    _show(session, Planned(saved.plan, None, digest_of(saved)))
    return 0


def taken_up(session: Session, name: str) -> tuple[Session, World, SavedPlan]:
    """Return the session of a saved plan's models, with its world, and the plan; see `executor.saved.take_up`.

    Raises:
        UsageError: beside the plan something else is named, or another target.

    """
    if len(session.models) > 1:
        raise UsageError("a saved plan is run alone: it names its models", hint=f"mlops-ci run {name}")
    saved = _load(session, name)
    target = saved.plan.basis.target
    if session.arguments.target not in {"", target}:
        raise UsageError(f"the plan is of target `{target}`", hint=f"mlops-ci run {name} --target {target}")
    session.talk(f"plan: sha256 {digest_of(saved)}")
    its = session.about(tuple(stand.model for stand in saved.stands), target=target)
    return its, its.world(), saved


def _load(session: Session, name: str) -> SavedPlan:
    from mlops_ci.wiring import schemas

    return load_saved(name, Path(session.folder), schemas()["plan"])


def _show(session: Session, planned: Planned) -> None:
    detail = Detail.FULL if session.arguments.verbose else Detail.BRIEF
    session.show(planned, partial(planned_text, detail=detail), planned_markdown, planned_json)
