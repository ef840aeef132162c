"""The verbs with which people decide: approve, rollback, release, destroy."""

from __future__ import annotations

import sys

from mlops_ci.cli.reading import tell_where_head_stayed
from mlops_ci.cli.session import Session
from mlops_ci.commands.select import unknown
from mlops_ci.errors import AwaitsMerge, Interrupted, MlopsError, UsageError
from mlops_ci.executor.assess import Situation, assess
from mlops_ci.executor.healing import whole_ledger
from mlops_ci.executor.held import approve, destroy, release_hold, roll_back
from mlops_ci.manifest.folders import folders
from mlops_ci.model import Environment
from mlops_ci.plan.desired import DesiredModel


def approve_verb(session: Session) -> int:
    """Let what waits before an environment in."""
    from mlops_ci.cli.handing import approve_waiting, approvers, refuse_both

    if session.arguments.waiting is not None:
        refuse_both(session)
        return approve_waiting(session)
    world = session.world()
    situation = assess(world, session.models, fetch=True)
    asked = tuple((d, e) for d, e in _having(session, situation) if e.approval)
    if not asked:
        name = session.arguments.environment
        raise UsageError(f"`{name}` asks for no approval", hint=f"mlops-ci gate {name}")
    waiting = tuple((d, e) for d, e in asked if d.release.standing(e.promotes_from))
    said_by = approvers(session) or ("",)
    for desired, environment in waiting or asked:
        for by in said_by:
            given = approve(world, desired, environment, why=session.arguments.why, by=by)
            package = given.package[:12]
            session.say(f"{desired.name}: package {package} is approved for {environment.name} by {given.by}")
        session.talk(f"hint: mlops-ci run {desired.name}")
    return 0


def rollback_verb(session: Session) -> int:
    """Go back to the version served before, and hold the environment there."""
    _one_or_all(session)
    to = str(session.arguments.to or "")
    if to and not to.removeprefix("v").isdigit():
        raise UsageError(f"`{to}` is no version", hint=f"{_again(session)} --to v1")
    world = session.world()
    situation = assess(world, session.models, fetch=True)
    pairs = _having(session, situation)
    ledger = whole_ledger(world, situation)  # what was served before decides where it goes back to
    if session.arguments.all:
        _confirm(session, f"roll `{session.arguments.environment}` of {', '.join(d.name for d, _ in pairs)} back?")
    refused: list[MlopsError] = []
    for desired, environment in pairs:
        try:
            standing, endpoint = roll_back(
                world,
                desired,
                environment,
                ledger,
                lambda _: None,
                to=int(to.removeprefix("v")) if to else None,
                why=session.arguments.why,
            )
        except Interrupted:
            raise
        except MlopsError as error:  # the others go back all the same
            refused.append(error)
            continue
        where = f" at {endpoint.url}" if endpoint else ""
        session.say(f"{desired.name}: {environment.name} serves v{standing.version}{where}, and is held there")
        session.talk(f"hint: mlops-ci release {environment.name} {desired.name}, when it may move on")
    tell_where_head_stayed(session, world, situation.plan.basis.tip)
    _raise_first(session, refused)
    return 0


def release_verb(session: Session) -> int:
    """End the hold that a rollback put on an environment."""
    world = session.world()
    situation = assess(world, session.models, fetch=True)
    pairs = _having(session, situation)
    held = tuple((d, e) for d, e in pairs if (now := d.release.standing(e.name)) and now.held)
    waiting: list[MlopsError] = []
    for desired, environment in held or pairs:
        try:
            standing = release_hold(world, desired, environment)
        except AwaitsMerge as merge:  # the others are released all the same
            waiting.append(merge)
            continue
        session.say(f"{desired.name}: {environment.name} is released at v{standing.version}")
        session.talk(f"hint: mlops-ci run {desired.name}")
    tell_where_head_stayed(session, world, situation.plan.basis.tip)
    _raise_first(session, waiting)
    return 0


def destroy_verb(session: Session) -> int:
    """End an environment's endpoint."""
    _one_or_all(session)
    world = session.world()
    name = session.arguments.environment
    endpoints = {d.model for d in world.endpoints.describe() if d.environment == name}
    gone = tuple(m for m in session.models if m in endpoints)
    there = {folder.name for folder in folders(world.repository.worktree(), world.project.pipelines)}
    known = tuple(m for m in session.models if m not in gone or m in there)
    situation = assess(world, known, fetch=True) if known or (there and not session.models) else None
    desired = situation.desired if situation else ()
    targets = {
        d.name: d.model.folder
        for d in desired  # also where the manifest no longer names it, and it serves on
        if d.model.environment(name) or d.release.standing(name) or d.name in endpoints
    }
    targets |= {model: "" for model in (gone if session.models else sorted(endpoints)) if model not in targets}
    if situation and not targets:
        _having(session, situation)
    _confirm(session, f"end `{name}` of {', '.join(targets)}?")
    waiting: list[MlopsError] = []
    for model, folder in targets.items():
        try:
            was = destroy(world, model, folder, name, next((d for d in desired if d.name == model), None))
        except AwaitsMerge as merge:
            waiting.append(merge)
            continue
        session.say(f"{model}: {name} is ended" if was else f"{model}: {name} served nothing")
    _raise_first(session, waiting)
    return 0


def _raise_first(session: Session, found: list[MlopsError]) -> None:
    """Raise the first of these, having told the others, each with what to do next."""
    for other in found[1:]:
        session.talk(f"error[{other.code}]: {other.summary}")
        if isinstance(other, AwaitsMerge):
            session.talk(f"hint: {other.hint}")
    if found:
        raise found[0]


def _one_or_all(session: Session) -> None:
    if not session.models and not session.arguments.all:
        raise UsageError(
            f"`{session.arguments.verb}` wants MODEL, or --all",
            hint=f"{_again(session)}, or MODEL instead of --all",
        )


def _confirm(session: Session, question: str) -> None:
    if session.arguments.yes:
        return
    if not session.may_ask:
        raise UsageError("without a terminal nobody can be asked", hint=f"{_again(session)} --yes")
    session.err.write(f"{question} [y/N] ")
    session.err.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:  # its end is no yes
        raise UsageError("nothing was done", hint=f"{_again(session)} --yes")


def _again(session: Session) -> str:
    """Return the command as it was typed, without its options."""
    asked = session.arguments
    return " ".join(("mlops-ci", asked.verb, asked.environment, *(session.models or ("--all",))))


def _having(session: Session, situation: Situation) -> tuple[tuple[DesiredModel, Environment], ...]:
    """Return the selected models that have the environment, with it."""
    name = session.arguments.environment
    found = tuple((d, e) for d in situation.desired for e in d.model.environments if e.name == name)
    if not found:
        raise unknown("environment", name, (e.name for d in situation.desired for e in d.model.environments))
    return found
