"""What is wrong with a request by the service's model: botocore's own client checks a part of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from mlops_ci.testing.aws.models import service_model
from mlops_ci.testing.aws.patterns import matches

CHECKED = ("sagemaker", "sagemaker-runtime", "codebuild", "ecr", "logs", "application-autoscaling", "cloudwatch")
"""The services whose requests the loopback checks, as botocore names them."""

_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str, dt.datetime),
    "blob": (bytes, bytearray, str),
    "list": (list, tuple),
    "map": (Mapping,),
    "structure": (Mapping,),
}


def problems(service: str, operation: str, params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every problem of a request in AWS's words, none where it is right.

    Looked at are types, required and unknown members, lengths, ranges, patterns and enums. `params` are what boto3
    takes or the JSON of the wire. Raises KeyError for an operation that does not exist.
    """
    model = service_model(service)
    described = model["operations"][operation]
    if "input" not in described:
        return tuple(_unknown(name, operation) for name in params)
    return tuple(_within(model["shapes"], described["input"]["shape"], params, ""))


def _within(shapes: Mapping[str, Any], name: str, value: object, at: str) -> Iterator[str]:
    shape = shapes[name]
    for constraint in _broken(shape, value):
        yield _problem(value, at, constraint)
    match shape["type"], value:
        case "structure", Mapping() if not shape.get("document"):
            yield from _members(shapes, name, value, at)
        case "list", list() | tuple():
            yield from _items(shapes, shape["member"]["shape"], value, at)
        case "map", Mapping():
            yield from _entries(shapes, shape, value, at)
        case _:
            return


def _members(shapes: Mapping[str, Any], name: str, value: Mapping[str, Any], at: str) -> Iterator[str]:
    shape = shapes[name]
    given = {key: item for key, item in value.items() if item is not None}
    for required in shape.get("required", ()):
        if required not in given:
            yield _problem(None, _below(at, required), "Member must not be null")
    if shape.get("union") and len(given) != 1:
        yield _problem(value, at, f"Exactly one of the members of {name} must be set")
    for key, item in given.items():
        member = shape["members"].get(key)
        if member is None:
            yield _unknown(_below(at, key), name)
        else:
            yield from _within(shapes, member["shape"], item, _below(at, key))


def _items(shapes: Mapping[str, Any], name: str, value: list[Any] | tuple[Any, ...], at: str) -> Iterator[str]:
    if _is_deep(shapes[name]):
        for number, item in enumerate(value, start=1):
            yield from _within(shapes, name, item, f"{at}.{number}.member")
        return
    # of plain values AWS says it of the whole list
    broken = dict.fromkeys(one for item in value for one in _broken(shapes[name], item))
    if broken:
        yield _problem(value, at, f"Member must satisfy constraint: [{', '.join(broken)}]")


def _entries(shapes: Mapping[str, Any], shape: Mapping[str, Any], value: Mapping[str, Any], at: str) -> Iterator[str]:
    keys = dict.fromkeys(one for key in value for one in _broken(shapes[shape["key"]["shape"]], key))
    if keys:
        yield _problem(dict(value), at, f"Map keys must satisfy constraint: [{', '.join(keys)}]")
    name = shape["value"]["shape"]
    if _is_deep(shapes[name]):
        for key, item in value.items():
            yield from _within(shapes, name, item, f"{at}.{key}.member")
        return
    values = dict.fromkeys(one for item in value.values() for one in _broken(shapes[name], item))
    if values:
        yield _problem(dict(value), at, f"Map value must satisfy constraint: [{', '.join(values)}]")


def _is_deep(shape: Mapping[str, Any]) -> bool:
    return shape["type"] in {"structure", "list", "map"}


def _broken(shape: Mapping[str, Any], value: object) -> Iterator[str]:
    """Give what one value breaks, in AWS's words."""
    kind = shape["type"]
    if shape.get("document"):
        return
    if not isinstance(value, _PYTHON[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"Member must be of type {kind}, got {type(value).__name__}"
        return
    match value:
        case str() if kind in {"string", "character"}:
            yield from _sized(shape, len(value), "length")
            if "pattern" in shape and not matches(shape["pattern"], value):
                yield f"Member must satisfy regular expression pattern: {shape['pattern']}"
            if "enum" in shape and value not in shape["enum"]:
                yield f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]"
        case bytes() | bytearray() | list() | tuple() | Mapping():
            yield from _sized(shape, len(value), "length")
        case int() | float() if kind not in {"boolean", "timestamp"}:
            yield from _sized(shape, value, "value")
        case _:
            return


def _sized(shape: Mapping[str, Any], size: float, word: str) -> Iterator[str]:
    if "min" in shape and size < shape["min"]:
        yield f"Member must have {word} greater than or equal to {shape['min']}"
    if "max" in shape and size > shape["max"]:
        yield f"Member must have {word} less than or equal to {shape['max']}"


def _below(at: str, key: str) -> str:
    named = key[:1].lower() + key[1:]
    return f"{at}.{named}" if at else named


def _problem(value: object, at: str, constraint: str) -> str:
    match value:
        case None:
            shown = "null"
        case list() | tuple():
            shown = f"'[{', '.join(map(str, value))}]'"
        case bytes() | bytearray():
            shown = f"'{len(value)} bytes'"
        case _:
            shown = f"'{value}'"
    return f"Value {shown} at '{at}' failed to satisfy constraint: {constraint}"


def _unknown(at: str, where: str) -> str:
    """Return what the loopback says where AWS is silent: it ignores what it does not know."""
    return f"Value at '{at}' failed to satisfy constraint: {where} has no such member"
