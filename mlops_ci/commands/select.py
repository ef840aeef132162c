"""Which of the plan's steps a verb performs: each verb does the part of the plan that carries its name."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_ci.commands.wanted import Wanted
from mlops_ci.errors import UsageError
from mlops_ci.executor.assess import Situation
from mlops_ci.executor.world import World
from mlops_ci.manifest.document import did_you_mean, listed
from mlops_ci.plan.desired import Reach
from mlops_ci.plan.steps import Deploy, Evaluate, Gate, Process, Promote, Restore, Scheduled, Step, Test, Train, When

_PARTS: dict[str, tuple[type[Step], ...]] = {
    "train": (Process, Train),
    "evaluate": (Evaluate,),
    "promote": (Promote,),
    "run": (Process, Train, Evaluate, Promote, Gate, Restore, Deploy, Test),
}


_DECIDING = (
    "promote",
    "deploy",
    "test",
    "gate",
    "approve",
    "rollback",
    "release",
    "destroy",
    "store merge",
    "store gc",
)


def refuse_for_pull_request(verb: str, world: World) -> None:
    """Raise where a verb would change or vouch for what is released, on behalf of a pull request.

    Raises:
        UsageError: it would.

    """
    if world.pull_request and verb in _DECIDING:
        raise UsageError(
            f"`{verb}` is nothing for a pull request (this works for `{world.pull_request}`)",
            hint=f"merge it, then type `mlops-ci run` on `{world.project.branch}`",
        )


def part(situation: Situation, verb: str) -> tuple[Scheduled, ...]:
    """Return the steps of the plan that belong to a verb; needs outside of them are somebody else's part."""
    kinds = _PARTS[verb]
    return tuple(scheduled for scheduled in situation.plan.steps if isinstance(scheduled.step, kinds))


def trainings(situation: Situation, meant: Wanted) -> tuple[Scheduled, ...]:
    """Return the training steps of these candidates, with the processing before them."""
    return tuple(
        scheduled
        for scheduled in part(situation, "train")
        if (
            meant.takes(scheduled.step.model, scheduled.step.candidate)
            if isinstance(scheduled.step, Train)
            else meant.concerns(scheduled.step.model)
        )
    )


def refuse_unknown(situation: Situation, candidates: tuple[str, ...]) -> None:
    """Return where every one of these is a candidate of a selected model.

    Raises:
        UsageError: one is not.

    """
    known = {c.name for model in situation.desired for c in model.candidates}
    for name in candidates:
        if name not in known:
            raise unknown("candidate", name, known)


def unknown(what: str, name: str, known: Iterable[str]) -> UsageError:
    """Return the error that there is no candidate, environment or the like of that name; the hint has the nearest."""
    names = sorted(set(known))
    there = f"the {what}s are {listed(names)}"
    return UsageError(f"there is no {what} `{name}`", hint=did_you_mean(name, names, "mlops-ci status"), detail=there)


def replacing(situation: Situation, meant: Wanted) -> tuple[Scheduled, ...]:
    """Return a training step for each of these candidates, whether they need it or not.

    Processing that was not done yet comes before them.
    """
    first = tuple(
        scheduled
        for scheduled in situation.plan.steps
        if isinstance(scheduled.step, Process) and meant.concerns(scheduled.step.model)
    )
    return first + tuple(
        Scheduled(Train(model.name, c.name), tuple(s.step.id for s in first if s.step.model == model.name))
        for model in situation.desired
        for c in model.candidates
        if meant.takes(model.name, c.name)
    )


def on_environment(
    situation: Situation, verb: str, environment: str, left_out: tuple[str, ...] = ()
) -> tuple[Scheduled, ...]:
    """Return the steps of `deploy`, `test` or `gate` for an environment of every selected model that has it.

    They are performed whether the plan asks for them or not: somebody asked. Models `left_out` have none.

    Raises:
        UsageError: no selected model has this environment, or what is here is not on the release branch.

    """
    having = tuple(model for model in situation.desired if model.model.environment(environment))
    if not having:
        raise unknown("environment", environment, (e.name for m in situation.desired for e in m.model.environments))
    made: list[Scheduled] = []
    for model in having:
        if model.name in left_out:
            continue
        if model.reach is Reach.AFTER_MERGE and verb == "deploy":
            raise UsageError(f"{model.name}: {model.why_not}", hint="commit, merge and push it, then try again")
        steps: dict[str, tuple[Step, ...]] = {
            "deploy": (Gate(model.name, environment), Deploy(model.name, environment)),
            "test": (Test(model.name, environment, When.ASKED),),
            "gate": (Gate(model.name, environment, When.ASKED),),
        }
        before: tuple[str, ...] = ()
        for step in steps[verb]:
            made.append(Scheduled(step, before))
            before = (step.id,)
    return tuple(made)
