"""What one job of a CI system hands on to the next: what waits before an environment, and who let it in."""

from __future__ import annotations

from typing import assert_never

from mlops_ci.cli.actions import write_outputs, write_summary
from mlops_ci.cli.session import Session
from mlops_ci.commands.superseded import superseded
from mlops_ci.commands.work import Result
from mlops_ci.errors import ProviderError, TryAgain, UsageError
from mlops_ci.executor.assess import assess
from mlops_ci.executor.events import Outcome
from mlops_ci.executor.held import approve
from mlops_ci.executor.schedule import exit_code
from mlops_ci.executor.world import World
from mlops_ci.manifest.folders import folders
from mlops_ci.plan.environments import wanted_version
from mlops_ci.plan.gates import Turn, gates, turn_of, waiting_of


def show_gates(session: Session, world: World, result: Result, code: int) -> int:
    """Print what a gate says of many models in the format that was asked for, and return the verb's exit code.

    For GitHub an approval that is pending is no failure: the job after this one is where a person is asked for it.
    """
    from mlops_ci.views.gates import gates_json, gates_markdown, gates_outputs

    now = assess(world, session.models, fetch=False)
    found = gates(now.desired, session.arguments.environment, now.ledger, superseded(world, now))
    match session.arguments.format:
        case "json":
            session.say(gates_json(found))
        case "md":
            session.say(gates_markdown(found))
        case _:
            write_outputs(session.environment, gates_outputs(found))
            write_summary(session.environment, gates_markdown(found))
            failed = exit_code(tuple(e for e in result.ended if e.outcome not in {Outcome.WAITING, Outcome.REFUSED}))
            return failed or int(found.is_refused)
    return code


def refuse_both(session: Session) -> None:
    """Raise where models are named beside a list of them.

    Raises:
        UsageError: they are.

    """
    if session.models:
        raise UsageError("`--waiting` lists models, and so does MODEL", hint="leave one of the two out")


def narrowed(session: Session, world: World) -> tuple[tuple[str, int], ...]:
    """Return what `--waiting` lists, as far as this commit has the models; it is told which are gone."""
    there = {folder.name for folder in folders(world.repository.worktree(), world.project.pipelines)}
    listed = waiting_of(session.arguments.waiting)
    for model, version in listed:
        if model not in there:
            session.talk(f"{model}@v{version} is passed over: there is no such model any more")
    return tuple((model, version) for model, version in listed if model in there)


def approve_waiting(session: Session) -> int:
    """Approve what a gate said waits, each where exactly that version still does.

    Raises:
        TryAgain: another version waits for some, and the others are approved; or GitHub Actions asked nobody.
        ProviderError: GitHub cannot say whom it asked.

    """
    if not waiting_of(session.arguments.waiting):
        session.say("nothing waits, so nothing is approved")
        return 0
    world = session.world()
    listed = dict(narrowed(session, world))
    if not listed:
        return 0
    situation = assess(world, tuple(listed), fetch=True)
    name = session.arguments.environment
    pairs = tuple((d, e) for d in situation.desired for e in d.model.environments if e.name == name)
    by: tuple[str, ...] | None = None
    moved: list[str] = []
    for desired, environment in pairs:
        version = listed[desired.name]
        match turn_of(desired, environment, situation.ledger, version):
            case Turn.APPROVE:
                by = _let_in_by(session) if by is None else by
                for who in by or ("",):
                    given = approve(world, desired, environment, why=session.arguments.why, by=who)
                    session.say(f"{desired.name}@v{version} is approved for {name} by {given.by}")
            case Turn.NOTHING:
                session.say(f"{desired.name}@v{version} needs no approval for {name}")
            case Turn.MOVED:
                now = wanted_version(desired, environment)
                waits = f"v{now[0]} does" if now else "nothing does"
                moved.append(f"{desired.name}@v{version} no longer waits before `{name}`: {waits}")
            case never:
                assert_never(never)
    for model in sorted(set(listed) - {d.name for d, _ in pairs}):
        session.talk(f"{model} is passed over: it has no environment `{name}`")
    if moved:
        raise TryAgain("; ".join(moved), hint=f"mlops-ci gate {name}, and approve what it names")
    return 0


def approvers(session: Session) -> tuple[str, ...]:
    """Return who let this run of GitHub Actions into its protected environment; nobody outside of Actions.

    Where they are not known, that is told, and the approval is that of whoever typed `approve`.
    """
    try:
        return _let_in_by(session)
    except (ProviderError, TryAgain) as error:
        session.talk(f"warning[approver-unknown]: who approved is not known: {error.summary}")
        session.talk(f"hint: {error.hint or 'mlops-ci doctor'}; recorded under git's name and address")
        return ()


def _let_in_by(session: Session) -> tuple[str, ...]:
    """Return as above, where a list is approved by the run itself: a yes that nobody gave is none.

    Raises:
        TryAgain: GitHub asked nobody.
        ProviderError: it cannot say whom it asked.

    """
    if session.environment.get("GITHUB_ACTIONS") != "true":
        return ()
    from mlops_ci.wiring import reviews

    found = reviews(session.environment).approvers(session.environment.get("GITHUB_RUN_ID", ""))
    if not found:
        name = session.arguments.environment
        raise TryAgain(
            f"GitHub asked nobody before this job, so nobody approved `{name}`",
            hint=f"give the environment of the job required reviewers, or type `mlops-ci approve {name}` yourself",
        )
    return found
