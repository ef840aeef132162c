"""What follows the changes of a plan, as a sentence."""

from __future__ import annotations

from typing import assert_never

from mlops_ci.plan.change import Action, Plan
from mlops_ci.plan.steps import Deploy, Evaluate, Gate, Process, Promote, Restore, Step, Test, Train

_TRAINS = {Action.NEW, Action.RETRAIN}
_SERVES = {Action.NEW, Action.REDEPLOY, Action.DRIFT}


def following(plan: Plan, model: str) -> str:
    """Return the steps of a model that its changes do not name themselves; empty where there are none.

    As in `evaluate, promote the best, deploy staging, test, gate, deploy production`.
    """
    named = {(change.action, change.subject) for change in plan.changes if change.model == model}
    words: list[str] = []
    place = ""
    for scheduled in plan.steps:
        step = scheduled.step
        if step.model != model:
            continue
        told = not _is_named(step, named)
        if told:
            words.append(_word(step, place))
        place = step.environment if told and isinstance(step, Deploy) else ""
    return ", ".join(_once_in_a_row(words))


def _once_in_a_row(words: list[str]) -> list[str]:
    return [word for at, word in enumerate(words) if at == 0 or words[at - 1] != word]


def _is_named(step: Step, named: set[tuple[Action, str]]) -> bool:
    match step:
        case Train():
            return any((action, step.candidate) in named for action in _TRAINS)
        case Evaluate():
            if step.environment:
                return any(action is Action.REEVALUATE and s.endswith(f" on {step.environment}") for action, s in named)
            return (Action.REEVALUATE, step.candidate or "champion") in named
        case Promote():
            return (Action.PROMOTE, "champion") in named
        case Restore() | Deploy():
            return any((action, step.environment) in named for action in _SERVES)
        case Test():
            return (Action.REEVALUATE, step.environment) in named
        case Process() | Gate():
            return False
        case _:
            assert_never(step)


def _word(step: Step, place: str) -> str:
    word: str
    match step:
        case Process():
            word = "process the data"
        case Train():
            word = "train"
        case Evaluate():
            whose = f"what {step.environment} serves" if step.environment else "the champion"
            word = "evaluate" if step.candidate else f"evaluate {whose}"
        case Promote():
            word = "promote the best"
        case Gate():
            word = "gate"
        case Restore():
            word = f"restore {step.environment}"
        case Deploy():
            word = f"deploy {step.environment}"
        case Test():
            word = "test" if step.environment == place else f"test {step.environment}"
        case _:
            assert_never(step)
    return word
