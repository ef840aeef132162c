"""Taking a saved plan up again: the situation as it is now, if the plan still fits it."""

from __future__ import annotations

from mlops_ci.errors import StalePlan, UsageError
from mlops_ci.executor.assess import Situation, assess
from mlops_ci.executor.reading import read_release
from mlops_ci.executor.world import World
from mlops_ci.plan.saved import SavedPlan, stand
from mlops_ci.plan.staleness import Moved, Now, Turn, staleness


def take_up(world: World, saved: SavedPlan, name: str) -> Situation:
    """Return the situation in which the plan saved as `name` is performed: its steps are those that are not done yet.

    Raises:
        StalePlan: the world moved since, other than by this plan's own steps.
        ManifestError: what is here now is not valid.

    """
    names = tuple(s.model for s in saved.stands)
    try:
        situation = assess(world, names, fetch=True)
    except UsageError as error:
        raise _stale((Moved("model", error.summary),), name) from error
    moved = staleness(saved, _now(world, saved, situation))
    if moved:
        raise _stale(moved, name)
    return situation


def _now(world: World, saved: SavedPlan, situation: Situation) -> Now:
    then, now = saved.plan.basis, situation.plan.basis
    head = world.commits.since(then.commit, now.commit)
    tip = world.commits.since(then.tip, now.tip)
    turns: tuple[Turn, ...] = ()
    if tip:  # it moved, and what it was then is here
        before = world.repository.tree(then.tip)
        turns = tuple(Turn(d.name, read_release(before, d.model.folder), d.release) for d in situation.desired)
    return Now(situation.plan, tuple(stand(desired) for desired in situation.desired), head, tip, turns)


def _stale(moved: tuple[Moved, ...], name: str) -> StalePlan:
    rest = "\n".join(m.sentence for m in moved[1:])
    return StalePlan(f"the plan is stale: {moved[0].sentence}", detail=rest, hint=f"mlops-ci plan -o {name}")
