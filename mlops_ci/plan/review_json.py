"""Reviews as JSON, and taken up again from data of the schema's shape (`schemas/review.schema.json`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.model import Json
from mlops_ci.model.effects import plain
from mlops_ci.plan.change import Basis, Note, Plan
from mlops_ci.plan.manifest_diff import Since
from mlops_ci.plan.part import change_json, change_of, step_json, step_of
from mlops_ci.plan.review import Forecast, Review, Training
from mlops_ci.records.damaged import Damaged

FORMAT = 1
KIND = "mlops-ci review"
"""What the file says it is."""

LONGEST = 1000
"""Characters of a text; the schema says so too."""

Value = TypeVar("Value")


def review_data(review: Review) -> dict[str, Json]:
    """Return what a review as JSON holds."""
    return {
        "format": FORMAT,
        "kind": KIND,
        "label": review.label,
        "commit": review.commit,
        "pull_request": review.pull_request,
        "plan": _plan_data(review.plan) if review.plan else None,
        "since": plain(review.since),
        "forecasts": plain(review.forecasts),
        "diagnostics": plain(review.diagnostics),
        "damaged": plain(review.damaged),
        "training": plain(review.training),
        "train_label": review.train_label,
        "remarks": [*review.remarks],
    }


def dump(review: Review) -> bytes:
    """Return a review as the bytes of its file: ASCII on one line, in which no text is longer than `LONGEST`."""
    return (json.dumps(_cut(review_data(review)), allow_nan=False) + "\n").encode("ascii")


def _cut(data: Json) -> Json:
    match data:
        case str():
            return data if len(data) <= LONGEST else f"{data[: LONGEST - 3]}..."
        case list():
            return [_cut(item) for item in data]
        case dict():
            return {key: _cut(item) for key, item in data.items()}
        case _:
            return data


def review_of(data: Mapping[str, Any]) -> Review:
    """Return the review that data of the schema's shape says."""
    return Review(
        label=data["label"],
        commit=data["commit"],
        pull_request=data["pull_request"],
        plan=_plan_of(data["plan"]) if data["plan"] else None,
        since=_built(Since, data["since"]) if data["since"] else None,
        forecasts=tuple(_built(Forecast, one) for one in data["forecasts"]),
        diagnostics=tuple(_built(Diagnostic, one) for one in data["diagnostics"]),
        damaged=tuple(_built(Damaged, one) for one in data["damaged"]),
        training=Training(data["training"]) if data["training"] else None,
        train_label=data["train_label"],
        remarks=tuple(data["remarks"]),
    )


def _plan_data(plan: Plan) -> dict[str, Json]:
    return {
        "basis": plain(plan.basis),
        "models": [*plan.models],
        "changes": [change_json(change) for change in plan.changes],
        "notes": [plain(note) for note in plan.notes],
        "steps": [step_json(scheduled) for scheduled in plan.steps],
    }


def _plan_of(data: Mapping[str, Any]) -> Plan:
    return Plan(
        basis=Basis(**data["basis"]),
        models=tuple(data["models"]),
        changes=tuple(change_of(change) for change in data["changes"]),
        steps=tuple(step_of(step) for step in data["steps"]),
        notes=tuple(Note(**note) for note in data["notes"]),
    )


def _built(kind: type[Value], data: Any) -> Value:  # noqa: ANN401 - JSON data
    """Return the frozen value of a class that `plain` made this of."""
    hints: dict[str, Any] = _hints(kind)  # type: ignore[arg-type] # every class hashes
    return kind(**{field.name: _taken(hints[field.name], data[field.name]) for field in fields(kind)})  # type: ignore[arg-type]


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _taken(hint: Any, data: Any) -> Any:  # noqa: ANN401 - walks declared types and JSON data
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        each = parts[:1] * len(data) if parts[-1] is Ellipsis else parts
        return tuple(_taken(part, item) for part, item in zip(each, data, strict=True))
    if isinstance(hint, UnionType):
        if data is None:
            return None
        some = [part for part in get_args(hint) if part is not NoneType]
        return _taken(some[0], data) if len(some) == 1 else data
    if not isinstance(hint, type):
        return data
    if issubclass(hint, Enum):
        return hint(data)
    return _built(hint, data) if is_dataclass(hint) else data
