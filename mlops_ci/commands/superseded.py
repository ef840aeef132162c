"""Models that the release branch has left behind: a CI job of an older commit has nothing to release of them."""

from __future__ import annotations

from dataclasses import replace

from mlops_ci.executor.assess import Situation
from mlops_ci.executor.world import World
from mlops_ci.plan.change import Plan
from mlops_ci.plan.desired import Reach


def superseded(world: World, situation: Situation) -> tuple[str, ...]:
    """Return the models that are here as an older commit of the release branch has them, and at its tip otherwise.

    What was edited here, or committed beside the branch, is somebody's work to come, and not among them.
    """
    basis = situation.plan.basis
    behind = tuple(d.name for d in situation.desired if d.reach is Reach.AFTER_MERGE)
    is_edited = situation.commit.endswith("+")
    if not behind or is_edited or world.pull_request or not basis.tip or basis.commit == basis.tip:
        return ()
    return behind if world.commits.fork(basis.commit, basis.tip) == basis.commit else ()


def plan_of(world: World, situation: Situation) -> Plan:
    """Return the plan as it is told: of what is superseded there is nothing to commit and to merge."""
    behind = superseded(world, situation)
    plan = situation.plan
    return replace(plan, notes=tuple(n for n in plan.notes if n.code != "after-merge" or n.model not in behind))


def told(world: World, situation: Situation, model: str) -> str:
    """Return the sentence about a model that is superseded."""
    branch, commit = world.project.branch, situation.plan.basis.commit[:10]
    return f"{model} is superseded: `{branch}` moved on since {commit}, and asks for another state of it"
