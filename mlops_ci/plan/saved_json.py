"""Saved plans as JSON: the same plan is always the same bytes, and its digest is that of all else in the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlops_ci.fingerprint.canonical import digest
from mlops_ci.model import Json
from mlops_ci.model.effects import plain
from mlops_ci.plan.change import Basis, Note, Plan
from mlops_ci.plan.desired import Reach
from mlops_ci.plan.part import change_json, change_of, step_json, step_of
from mlops_ci.plan.saved import SavedPlan, Stand

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
        "changes": [change_json(change) for change in plan.changes],
        "steps": [step_json(scheduled) for scheduled in plan.steps],
        "notes": [plain(note) for note in plan.notes],
    }


def build(data: Mapping[str, Any]) -> SavedPlan:
    """Return the saved plan that data of the schema's shape says."""
    stands = tuple(
        Stand(s["model"], s["folder"], _NAMED[s["reach"]], tuple(sorted(s["parts"].items()))) for s in data["stands"]
    )
    plan = Plan(
        basis=Basis(**data["basis"]),
        models=tuple(s.model for s in stands),
        changes=tuple(change_of(change) for change in data["changes"]),
        steps=tuple(step_of(step) for step in data["steps"]),
        notes=tuple(Note(**note) for note in data["notes"]),
    )
    return SavedPlan(plan, stands)


_REACHES = {Reach.RELEASE: "release", Reach.AFTER_MERGE: "after-merge"}
_NAMED = {name: reach for reach, name in _REACHES.items()}
