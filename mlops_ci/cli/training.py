"""The verb that trains: what needs it, or what is named; of a list that another job made, what is there still."""

from __future__ import annotations

from fnmatch import fnmatchcase

from mlops_ci.cli.session import Session
from mlops_ci.cli.working import perform
from mlops_ci.commands import select
from mlops_ci.commands.wanted import Wanted, wanted
from mlops_ci.executor.assess import Situation
from mlops_ci.manifest.folders import folders
from mlops_ci.plan.steps import Scheduled


def train_verb(session: Session) -> int:
    """Train what needs it; of a list that another job made, what is there still."""
    meant = wanted(session.arguments.candidate)
    if meant.pairs and not meant.names:  # a job of a matrix looks at its own models alone
        there = _still_there(session, meant)
        if not there:
            return 0
        session = session.about(there)
    choosing = select.replacing if session.arguments.replace else select.trainings

    def choose(situation: Situation) -> tuple[Scheduled, ...]:
        return choosing(situation, meant)

    def tell(situation: Situation) -> None:
        select.refuse_unknown(situation, meant.names)
        asked = {d.name for d in situation.desired}
        for gone in (gone for gone in meant.gone(situation.desired) if gone.partition("/")[0] in asked):
            session.talk(f"skipped: `{gone}` is not there any more")

    return perform(session, choose, tell)


def _still_there(session: Session, meant: Wanted) -> tuple[str, ...]:
    """Return the models named that are there, of those selected, and tell the others: a later merge may remove one."""
    world = session.world()
    known = {f.name for f in folders(world.repository.worktree(), world.project.pipelines) if f.has_manifest}
    named = tuple(dict.fromkeys(model for model, _ in meant.pairs))
    for model, name in meant.pairs:
        if model not in known:
            session.talk(f"skipped: `{model}/{name}` is not there any more")
    return tuple(
        model
        for model in named
        if model in known and (not session.models or any(fnmatchcase(model, glob) for glob in session.models))
    )
