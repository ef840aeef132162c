"""Two manifests compared field by field: each difference with what its field declares that a change of it causes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlops_ci.fingerprint.canonical import canonical
from mlops_ci.fingerprint.recipes import differences
from mlops_ci.model import Effect, Json, Model, Project
from mlops_ci.model.effects import effects_of, plain


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: the way to it, both values as plain JSON data, and the effects that it declares.

    A value is None where the field is not there. `IDENTITY` is a candidate or an environment that came or went.
    """

    at: tuple[str, ...]
    old: Json
    new: Json
    effects: frozenset[Effect]

    @property
    def path(self) -> str:
        """Return the way as people write it."""
        return ".".join(self.at)


def field_differences(old: Model, new: Model) -> tuple[Difference, ...]:
    """Return every field in which two manifests of one model differ, in the order of the manifest's keys.

    Comments, order of keys and style are no part of a value, so they differ in nothing. What equals its default
    differs in nothing from what is left out.
    """
    return tuple(_differences(old, new, ()))


def project_differences(old: Project, new: Project) -> tuple[Difference, ...]:
    """Return the fields in which two project files differ; none of them is part of a model."""
    found = differences(_project(old), _project(new))
    return tuple(Difference(tuple(at.split(".")), before, after, frozenset()) for at, before, after in found)


def _project(project: Project) -> dict[str, Json]:
    data = plain(project)
    assert isinstance(data, dict)  # noqa: S101 - a dataclass is an object
    data["environments"] = {place.name: _nameless(plain(place)) for place in project.places}
    data["targets"] = {target.name: _nameless(plain(target)) for target in project.targets}
    return {key: value for key, value in data.items() if key != "places"}


def _nameless(data: Json) -> Json:
    return {key: value for key, value in data.items() if key != "name"} if isinstance(data, dict) else data


def _differences(old: Any, new: Any, at: tuple[str, ...]) -> Iterator[Difference]:  # noqa: ANN401 - any frozen value
    """Yield the differences of two values of one type, of which one may be None."""
    owner = type(new if old is None else old)
    for field in dataclasses.fields(owner):
        before, after = (_of(value, field) for value in (old, new))
        effects = effects_of(owner, field.name)
        here = (*at, field.name)
        if canonical(plain(before)) == canonical(plain(after)):  # `1` and `1.0` are equal, and train differently
            continue
        if effects is not None:
            for path, was, now in differences(plain(before), plain(after)):
                yield Difference((*here, path) if path else here, was, now, effects)
        elif isinstance(before, tuple) or isinstance(after, tuple):
            yield from _named(before or (), after or (), here)
        else:
            yield from _differences(before, after, here)


def _of(value: Any, field: dataclasses.Field[Any]) -> Any:  # noqa: ANN401
    """Return a field's value; its default where there is nothing that could have it."""
    if value is not None:
        return getattr(value, field.name)
    return None if field.default is dataclasses.MISSING else field.default


def _named(old: tuple[Any, ...], new: tuple[Any, ...], at: tuple[str, ...]) -> Iterator[Difference]:
    before, after = ({item.name: item for item in items} for items in (old, new))
    for name in sorted({*before, *after}):
        if name not in before or name not in after:
            yield _arrival(before.get(name), after.get(name), (*at, name))
        else:
            yield from _differences(before[name], after[name], (*at, name))


def _arrival(old: Any, new: Any, at: tuple[str, ...]) -> Difference:  # noqa: ANN401 - any frozen value with a name
    """Return the difference that one came or went: what its name declares."""
    effects = effects_of(type(new if old is None else old), "name") or frozenset()
    if Effect.IDENTITY in effects:
        return Difference(at, None, None, effects)
    was, now = (None if value is None else _nameless(plain(value)) for value in (old, new))
    return Difference(at, was, now, effects)
