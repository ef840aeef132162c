"""Bodies of requests, looked at as strictly as GitHub does: types, lengths, members that must be, and that are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_ci.testing.github.problems import Refused, invalid

_WORDS = {str: "a string", int: "an integer", bool: "a boolean", dict: "an object", list: "an array"}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a body: its type, the most characters or items, its words; `each` is what a list's items have."""

    type: type
    is_required: bool = False
    most: int = 0
    words: tuple[str, ...] = ()
    each: Mapping[str, Member] = field(default_factory=dict)
    is_nullable: bool = False


def parsed(data: bytes) -> Any:  # noqa: ANN401 - JSON of any form
    """Return the JSON of a body; empty is an object without members."""
    if not data:
        return {}
    try:
        return json.loads(data)
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None


def checked(body: Any, members: Mapping[str, Member], at: str = "") -> dict[str, Any]:  # noqa: ANN401 - JSON of any form
    """Return the body, which is of this form.

    Raises:
        Refused: it is not, in GitHub's words.

    """
    if not isinstance(body, dict):
        if at:
            raise invalid(f"For '{at}', {_shown(body)} is not an object.")
        raise Refused(400, "Body should be a JSON object")
    for name, member in members.items():
        if member.is_required and name not in body:
            raise invalid(f'"{name}" wasn\'t supplied.')
    for name, value in body.items():
        if name not in members:
            raise invalid(f'"{name}" is not a permitted key.')
        _check(value, members[name], f"{at}/{name}" if at else f"properties/{name}")
    return body


def _check(value: Any, member: Member, at: str) -> None:  # noqa: ANN401 - JSON of any form
    if value is None and member.is_nullable:
        return
    if not isinstance(value, member.type) or (member.type is int and isinstance(value, bool)):
        raise invalid(f"For '{at}', {_shown(value)} is not {_WORDS[member.type]}.")
    if member.words and value not in member.words:
        raise invalid(f"For '{at}', {_shown(value)} is not a member of {list(member.words)}.")
    if member.most and isinstance(value, str) and len(value) > member.most:
        raise invalid(f"Only {member.most} characters are allowed; {len(value)} were supplied.")
    if member.most and isinstance(value, list) and len(value) > member.most:
        raise invalid(f"No more than {member.most} items are allowed; {len(value)} were supplied.")
    if member.each and isinstance(value, dict):
        checked(value, member.each, at)
    if member.each and isinstance(value, list):
        for index, item in enumerate(value):
            checked(item, member.each, f"{at}/items/{index}")


def _shown(value: Any) -> str:  # noqa: ANN401 - JSON of any form
    return "nil" if value is None else json.dumps(value)[:80]
