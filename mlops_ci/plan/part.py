"""A part of a plan: what concerns one model. Changes and steps as plain JSON data, and taken up again from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from mlops_ci.model.effects import Json, plain
from mlops_ci.plan.change import Action, Change, Note, Reason
from mlops_ci.plan.steps import Deploy, Evaluate, Gate, Process, Promote, Restore, Scheduled, Step, Test, Train


@dataclass(frozen=True, slots=True)
class Part:
    """The changes, notes and steps of one model, in the order in which a plan tells them."""

    changes: tuple[Change, ...] = ()
    notes: tuple[Note, ...] = ()
    steps: tuple[Scheduled, ...] = ()


def part_json(part: Part) -> dict[str, Json]:
    """Return a part as plain JSON data."""
    return {
        "changes": [change_json(change) for change in part.changes],
        "notes": [plain(note) for note in part.notes],
        "steps": [step_json(scheduled) for scheduled in part.steps],
    }


def part_of(data: Mapping[str, Any]) -> Part:
    """Return the part that data made by `part_json` says."""
    return Part(
        tuple(change_of(change) for change in data["changes"]),
        tuple(Note(**note) for note in data["notes"]),
        tuple(step_of(step) for step in data["steps"]),
    )


def change_json(change: Change) -> dict[str, Json]:
    """Return a change as plain JSON data."""
    return {
        "model": change.model,
        "subject": change.subject,
        "action": change.action.value,
        "reasons": [plain(reason) for reason in change.reasons],
        "summary": change.summary,
        "expected_seconds": change.seconds,
    }


def change_of(data: Mapping[str, Any]) -> Change:
    """Return the change that data made by `change_json` says."""
    reasons = tuple(Reason(**reason) for reason in data["reasons"])
    action, seconds = Action(data["action"]), data["expected_seconds"]
    return Change(data["model"], data["subject"], action, reasons, data["summary"], seconds)


def step_json(scheduled: Scheduled) -> dict[str, Json]:
    """Return a step of a plan as plain JSON data: the keys are the same for every step, and unused ones are empty.

    No plan has a step that somebody asked for, so `when` is left out.
    """
    step = scheduled.step
    names: tuple[str, str]
    match step:
        case Process() | Promote():
            names = ("", "")
        case Train():
            names = (step.candidate, "")
        case Evaluate():
            names = (step.candidate, step.environment)
        case Gate() | Restore() | Deploy() | Test():
            names = ("", step.environment)
        case _:
            assert_never(step)
    do = type(step).__name__.lower()
    return {"do": do, "model": step.model, "candidate": names[0], "environment": names[1], "needs": [*scheduled.needs]}


def step_of(data: Mapping[str, Any]) -> Scheduled:
    """Return the step that data made by `step_json` says."""
    return Scheduled(_step(data["do"], data["model"], data["candidate"], data["environment"]), tuple(data["needs"]))


def _step(do: str, model: str, candidate: str, environment: str) -> Step:
    match do:
        case "process":
            return Process(model)
        case "train":
            return Train(model, candidate)
        case "evaluate":
            return Evaluate(model, candidate, environment)
        case "promote":
            return Promote(model)
        case "gate":
            return Gate(model, environment)
        case "restore":
            return Restore(model, environment)
        case "deploy":
            return Deploy(model, environment)
        case "test":
            return Test(model, environment)
        case _:
            raise ValueError(f"there is no step `{do}`")
