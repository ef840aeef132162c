from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator

import pytest

import mlops_ci.model
from mlops_ci.model import Model
from mlops_ci.model.effects import Effect, causes, effects_of

NOT_OF_A_MODEL = {"Champion", "Hold", "Metric", "Network", "Place", "Project", "Release", "Score", "Standing", "Target"}
"""The project and the release say where work runs and what is released; neither enters a fingerprint."""


def nested(hint: object) -> Iterator[type]:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
    for part in typing.get_args(hint):
        yield from nested(part)


def reached(owner: type) -> set[type]:
    found: set[type] = set()
    waiting = [owner]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting.extend(part for hint in typing.get_type_hints(at).values() for part in nested(hint))
    return found


VALUES = sorted(reached(Model), key=lambda owner: owner.__name__)


@pytest.mark.parametrize("owner", VALUES, ids=lambda owner: owner.__name__)
def test_every_field_says_what_a_change_of_it_causes(owner: type) -> None:
    for field in dataclasses.fields(owner):
        declared = effects_of(owner, field.name)
        hint = typing.get_type_hints(owner)[field.name]
        if declared is None:
            assert list(nested(hint)), f"{owner.__name__}.{field.name} is a section without fields of its own"
        else:
            assert declared, f"{owner.__name__}.{field.name} causes nothing at all; say METADATA"


@pytest.mark.parametrize("owner", VALUES, ids=lambda owner: owner.__name__)
def test_what_is_inside_a_field_that_says_its_effect_says_the_same(owner: type) -> None:
    for field in dataclasses.fields(owner):
        declared = effects_of(owner, field.name)
        for inner in nested(typing.get_type_hints(owner)[field.name]) if declared is not None else ():
            for below in dataclasses.fields(inner):
                assert effects_of(inner, below.name) == declared, f"{inner.__name__}.{below.name}"


@pytest.mark.parametrize("owner", VALUES, ids=lambda owner: owner.__name__)
def test_every_value_of_a_model_is_frozen_slotted_and_hashable(owner: type) -> None:
    assert owner.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(owner)
    for hint in typing.get_type_hints(owner).values():
        assert "list[" not in str(hint)
        assert "dict[" not in str(hint)


def test_every_dataclass_of_the_floor_is_part_of_a_model_or_named_as_none() -> None:
    public = {name for name in mlops_ci.model.__all__ if dataclasses.is_dataclass(getattr(mlops_ci.model, name))}

    assert public - {owner.__name__ for owner in VALUES} == NOT_OF_A_MODEL


def test_a_field_that_forgets_to_say_it_is_an_error_and_no_default() -> None:
    @dataclasses.dataclass(frozen=True)
    class Forgetful:
        said: str = causes(Effect.RETRAIN)
        forgotten: str = ""

    assert effects_of(Forgetful, "said") == frozenset({Effect.RETRAIN})
    with pytest.raises(TypeError, match=r"Forgetful\.forgotten does not say"):
        effects_of(Forgetful, "forgotten")
