"""What IAM policies allow, by their actions, their resources and their conditions on texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any


def decision(documents: Iterable[str], action: str, resource: str, context: Mapping[str, tuple[str, ...]]) -> str:
    """Return `allowed`, `explicitDeny` or `implicitDeny`.

    A condition on what `context` does not have is not met; one whose operator is none on texts is never met.
    """
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _list(json.loads(document)["Statement"])
        if _concerns(statement, action, resource, context)
    }
    if "Deny" in effects:
        return "explicitDeny"
    return "allowed" if "Allow" in effects else "implicitDeny"


def _concerns(statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, tuple[str, ...]]) -> bool:
    acts = any(_fits(one.lower(), action.lower()) for one in _list(statement.get("Action") or statement["NotAction"]))
    lies = any(_fits(one, resource) for one in _list(statement.get("Resource") or statement.get("NotResource") or "*"))
    return (
        acts is ("Action" in statement)
        and lies is ("NotResource" not in statement)
        and all(
            _is_met(operator, context.get(key, ()), _list(values))
            for operator, keys in (statement.get("Condition") or {}).items()
            for key, values in keys.items()
        )
    )


def _is_met(operator: str, actual: tuple[str, ...], expected: list[str]) -> bool:
    match operator:
        case "StringEquals" | "ArnEquals":
            return any(one in expected for one in actual)
        case "StringLike" | "ArnLike":
            return any(_fits(pattern, one) for pattern in expected for one in actual)
        case "StringNotEquals":
            return all(one not in expected for one in actual)
        case _:
            return False


def _fits(pattern: str, text: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - a policy's JSON has one or several nearly everywhere
    return value if isinstance(value, list) else [value]
