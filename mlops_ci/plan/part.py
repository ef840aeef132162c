"""A part of a plan: what concerns one model, and how it is put by as plain JSON data and taken up again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from mlops_ci.model.effects import Json, plain
from mlops_ci.plan.change import Action, Change, Note, Reason
from mlops_ci.plan.steps import (
    Deploy,
    Evaluate,
    Gate,
    Process,
    Promote,
    Restore,
    Scheduled,
    Step,
    Test,
    Train,
    When,
)

_STEPS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Process, Train, Evaluate, Promote, Gate, Restore, Deploy, Test)
}


@dataclass(frozen=True, slots=True)
class Part:
    """The changes, notes and steps of one model, in the order in which a plan tells them."""

    changes: tuple[Change, ...] = ()
    notes: tuple[Note, ...] = ()
    steps: tuple[Scheduled, ...] = ()


def part_json(part: Part) -> dict[str, Json]:
    """Return a part as plain JSON data."""
    return {
        "changes": [plain(change) for change in part.changes],
        "notes": [plain(note) for note in part.notes],
        "steps": [
            {"kind": type(scheduled.step).__name__, "step": plain(scheduled.step), "needs": [*scheduled.needs]}
            for scheduled in part.steps
        ],
    }


def part_of(data: Any) -> Part:  # noqa: ANN401 - plain JSON data, of ours or damaged
    """Return the part that plain JSON data says.

    Raises:
        KeyError, TypeError, ValueError: it says none.

    """
    return Part(
        tuple(change_of(change) for change in data["changes"]),
        tuple(Note(**note) for note in data["notes"]),
        tuple(Scheduled(step_of(item["kind"], item["step"]), tuple(item["needs"])) for item in data["steps"]),
    )


def change_of(data: Any) -> Change:  # noqa: ANN401 - plain JSON data
    """Return the change that plain JSON data says; raises as `part_of`."""
    reasons = tuple(Reason(**reason) for reason in data["reasons"])
    return Change(**{**data, "action": Action(data["action"]), "reasons": reasons})


def step_of(kind: str, data: Any) -> Step:  # noqa: ANN401 - plain JSON data
    """Return the step of that kind that plain JSON data says; raises as `part_of`."""
    made = _STEPS[kind]
    given = {**data, "when": When(data["when"])} if any(f.name == "when" for f in fields(made)) else data
    step: Step = made(**given)
    return step
