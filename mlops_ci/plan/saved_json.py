"""Saved plans as JSON: the same plan is always the same bytes, and its digest is that of all else in the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, assert_never

from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Json
from mlops_ci.model.effects import plain
from mlops_ci.plan.change import Action, Basis, Change, Note, Plan, Reason
from mlops_ci.plan.desired import Reach
from mlops_ci.plan.saved import SavedPlan, Stand
from mlops_ci.plan.steps import Deploy, Evaluate, Gate, Process, Promote, Restore, Scheduled, Step, Test, Train

FORMAT = 1
KIND = "mlops-ci plan"
"""What the file says it is."""


def digest_of(saved: SavedPlan) -> str:
    """Return the digest of a saved plan: the sha256 of the canonical form of all that its file says but the digest."""
    return digest(_content(saved))


def dump(saved: SavedPlan) -> bytes:
    """Return a saved plan as the bytes of its file: ASCII, keys sorted, ending in a line end."""
    content = _content(saved)
    return (json.dumps(content | {"digest": digest(content)}, indent=1, sort_keys=True) + "\n").encode()


def _content(saved: SavedPlan) -> dict[str, Json]:
    plan = saved.plan
    return {
        "format": FORMAT,
        "kind": KIND,
        "basis": plain(plan.basis),
        "stands": [
            {"model": s.model, "folder": s.folder, "reach": _REACHES[s.reach], "parts": dict(s.parts)}
            for s in saved.stands
        ],
        "changes": [_change(change) for change in plan.changes],
        "steps": [_step(scheduled) for scheduled in plan.steps],
        "notes": [plain(note) for note in plan.notes],
    }


def _change(change: Change) -> dict[str, Json]:
    return {
        "model": change.model,
        "subject": change.subject,
        "action": change.action.value,
        "reasons": [plain(reason) for reason in change.reasons],
        "summary": change.summary,
        "expected_seconds": change.seconds,
    }


def _step(scheduled: Scheduled) -> dict[str, Json]:
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


def build(data: Mapping[str, Any]) -> SavedPlan:
    """Return the saved plan that data of the schema's shape says."""
    stands = tuple(
        Stand(s["model"], s["folder"], _NAMED[s["reach"]], tuple(sorted(s["parts"].items()))) for s in data["stands"]
    )
    plan = Plan(
        basis=Basis(**data["basis"]),
        models=tuple(s.model for s in stands),
        changes=tuple(_built(change) for change in data["changes"]),
        steps=tuple(Scheduled(_performed(step), tuple(step["needs"])) for step in data["steps"]),
        notes=tuple(Note(**note) for note in data["notes"]),
    )
    return SavedPlan(plan, stands)


def _built(change: Mapping[str, Any]) -> Change:
    reasons = tuple(Reason(**reason) for reason in change["reasons"])
    action, seconds = Action(change["action"]), change["expected_seconds"]
    return Change(change["model"], change["subject"], action, reasons, change["summary"], seconds)


def _performed(data: Mapping[str, Any]) -> Step:
    model, candidate, environment = data["model"], data["candidate"], data["environment"]
    steps: dict[str, Step] = {
        "process": Process(model),
        "train": Train(model, candidate),
        "evaluate": Evaluate(model, candidate, environment),
        "promote": Promote(model),
        "gate": Gate(model, environment),
        "restore": Restore(model, environment),
        "deploy": Deploy(model, environment),
        "test": Test(model, environment),
    }
    return steps[data["do"]]


_REACHES = {Reach.RELEASE: "release", Reach.AFTER_MERGE: "after-merge"}
_NAMED = {name: reach for reach, name in _REACHES.items()}
