"""Every field of a manifest says what a change of it causes; fingerprints derive from that.

A field is declared with `causes(...)` (what a change of it makes us do) or with `section()` (a nested value
whose own fields say it). A field declared with neither is an error when a fingerprint is taken, so a forgotten
field is a failing test and never a stale model.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from functools import cache
from typing import Any, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Pairs: TypeAlias = tuple[tuple[str, Scalar], ...]
"""A mapping as sorted pairs, so that values hash and compare."""

Json: TypeAlias = Scalar | list["Json"] | dict[str, "Json"]


class Effect(Enum):
    """What a change of a field causes."""

    RETRAIN = "retrain"
    REEVALUATE = "re-evaluate"
    REDEPLOY = "redeploy"
    REJUDGE = "judge again"
    RETEST = "test again"
    METADATA = "metadata"
    IDENTITY = "another subject"


_KEY = "effects"


def causes(*effects: Effect, default: Any = dataclasses.MISSING) -> Any:  # noqa: ANN401 - as dataclasses.field
    """Return a dataclass field that says what a change of it causes."""
    return dataclasses.field(default=default, metadata={_KEY: frozenset(effects)})


def section(default: Any = dataclasses.MISSING) -> Any:  # noqa: ANN401 - as dataclasses.field
    """Return a dataclass field whose nested value says itself what its changes cause."""
    return dataclasses.field(default=default, metadata={_KEY: None})


def effects_of(owner: type, name: str) -> frozenset[Effect] | None:
    """Return the declared effects of a field; None for a section.

    Raises:
        TypeError: the field declares nothing.

    """
    declared = {field.name: field for field in dataclasses.fields(owner)}[name]
    if _KEY not in declared.metadata:
        raise TypeError(f"{owner.__name__}.{name} does not say what a change of it causes")
    found: frozenset[Effect] | None = declared.metadata[_KEY]
    return found


@cache
def _parts(owner: type, effect: Effect) -> tuple[tuple[str, Any, bool], ...]:
    """Return (name, default, whether it is a section) of the fields that may have a part in what causes an effect."""
    declared = ((field, effects_of(owner, field.name)) for field in dataclasses.fields(owner))
    return tuple(
        (f.name, f.default, effects is None) for f, effects in declared if effects is None or effect in effects
    )


def project(value: Any, effect: Effect) -> Json:  # noqa: ANN401 - walks any frozen value of this floor
    """Return the part of `value` whose change causes `effect`, as plain JSON data.

    Fields at their default are left out, so that a new optional field changes no existing fingerprint.
    """
    if isinstance(value, tuple):
        parts = [project(item, effect) for item in value]
        # How many there are is no effect of fields that cause other things.
        return [] if all(part in ({}, [], None) for part in parts) else parts
    if not dataclasses.is_dataclass(value):
        return plain(value)
    found: dict[str, Json] = {}
    kind: type = type(value)
    for name, default, is_section in _parts(kind, effect):
        item = getattr(value, name)
        if item == default:
            continue
        if not is_section:
            found[name] = plain(item)
        elif (part := project(item, effect)) not in ({}, [], None):
            found[name] = part
    return found


@cache
def _names(owner: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(owner))


def plain(value: Any) -> Json:  # noqa: ANN401 - walks any frozen value
    """Return a frozen value as plain JSON data: dataclasses as objects, tuples as arrays, enums as their value."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in _names(type(value))}
    raise TypeError(f"{type(value).__name__} is no value of a manifest")
